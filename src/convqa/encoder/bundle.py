"""Find, check and load model bundles.

A bundle is a folder with `encoder.onnx`, `tokenizer.json`, `heads.safetensors`, `MODEL_CARD.md` and
`manifest.json`, which holds the sha256 of the others; so the sha256 of the manifest itself is the
identity of the whole.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from convqa.encoder.custom import CustomSegmentHead
from convqa.encoder.heads import ConversationHead, SegmentHead
from convqa.encoder.manifest import Head, Manifest
from convqa.encoder.weights import Tensors, read_tensors
from convqa.errors import ModelBundleError
from convqa.schema import Version

MANIFEST = "manifest.json"
ENCODER = "encoder.onnx"
TOKENIZER = "tokenizer.json"
HEADS = "heads.safetensors"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose files have all been checked.

    `agent` and `customer` read the segments of that role, `conversation` the whole, and `custom`
    what an organisation asks for itself.
    """

    path: Path
    manifest: Manifest
    version_info: Version
    agent: SegmentHead
    customer: SegmentHead
    conversation: ConversationHead
    custom: tuple[CustomSegmentHead, ...] = ()

    @property
    def width(self) -> int:
        """Return the length of a vector."""
        return self.manifest.width


def load_bundle(path: Path, *, sha256: str | None = None) -> Bundle:
    """Load a bundle after checking the sha256 of every file.

    Args:
        path: Folder of the bundle.
        sha256: Digest that its manifest must have, to pin one bundle; None takes any.

    Raises:
        ModelBundleError: A file is missing, changed, damaged, or does not fit the others.
    """
    manifest, digest = read_manifest(path)
    if sha256 is not None and digest != sha256.lower():
        raise ModelBundleError(
            f"{path}: the bundle has sha256 {digest} and {sha256} was asked for; "
            "give the bundle that was pinned or change the pin"
        )
    verify_files(path, manifest)
    tensors = read_tensors(path / HEADS)
    heads = {head.name: head for head in manifest.heads}
    if set(heads) != {"agent", "customer", "conversation"}:
        raise ModelBundleError(
            f"{path / MANIFEST}: heads must be agent, customer and conversation; "
            f"found {', '.join(sorted(heads)) or 'none'}"
        )
    return Bundle(
        path=path,
        manifest=manifest,
        version_info=Version(manifest.name, manifest.version, digest),
        agent=_segment_head(path, heads["agent"], tensors, manifest.width),
        customer=_segment_head(path, heads["customer"], tensors, manifest.width),
        conversation=ConversationHead.from_tensors(
            heads["conversation"], tensors, where=str(path / HEADS)
        ),
        custom=tuple(
            CustomSegmentHead.from_tensors(
                head, tensors, width=manifest.width, where=str(path / HEADS)
            )
            for head in manifest.custom_heads
        ),
    )


def read_manifest(path: Path) -> tuple[Manifest, str]:
    """Return the manifest of the bundle in a folder, and its sha256.

    Raises:
        ModelBundleError: There is none, or it is not one that this version reads.
    """
    file = path / MANIFEST
    content = _read(file)
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as err:
        first = err.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ModelBundleError(f"{file}: {where}: {first['msg']}; build the bundle again") from err
    return manifest, hashlib.sha256(content).hexdigest()


def verify_files(path: Path, manifest: Manifest) -> None:
    """Check that every file the manifest names is there and unchanged.

    Raises:
        ModelBundleError: One is not, or the manifest leaves out one that a bundle needs.
    """
    if missing := sorted({ENCODER, TOKENIZER, HEADS} - set(manifest.files)):
        raise ModelBundleError(f"{path / MANIFEST}: names no {', '.join(missing)}; it needs them")
    for name, expected in sorted(manifest.files.items()):
        if Path(name).name != name:
            raise ModelBundleError(f"{path / MANIFEST}: {name!r} must be a file of the bundle")
        found = hashlib.sha256(_read(path / name)).hexdigest()
        if found != expected:
            raise ModelBundleError(
                f"{path / name}: sha256 is {found}, the manifest says {expected}; "
                "the file is damaged or was replaced, fetch the bundle again"
            )


def list_bundles(folder: Path) -> list[Path]:
    """Return the folders `<name>/<version>` under `folder` that hold a bundle, sorted."""
    return sorted(file.parent for file in folder.glob(f"*/*/{MANIFEST}"))


def _segment_head(path: Path, head: Head, tensors: Tensors, width: int) -> SegmentHead:
    return SegmentHead.from_tensors(head, tensors, width=width, where=str(path / HEADS))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as err:
        raise ModelBundleError(
            f"{file}: cannot be read ({err.strerror}); give the folder of a complete bundle"
        ) from err
