"""The labels of the codebook in the order that the heads give them."""

POLITENESS = ("polite", "neutral", "impolite")
EMPATHY = ("empathic", "none", "dismissive")
EMOTION = ("negative", "neutral", "positive")
AGENT_ACTS = (
    "greeting", "introduction", "verification", "question", "paraphrase", "apology", "hold",
    "information", "action", "commitment", "disclosure", "refusal", "transfer", "further_help",
    "thanks", "closing",
)  # fmt: skip
CUSTOMER_ACTS = (
    "problem", "question", "information", "complaint", "escalation", "churn", "confirms_resolved",
    "denies_resolved", "thanks", "greeting", "closing",
)  # fmt: skip
FORBIDDEN = (
    "profanity", "blame", "brush_off", "guarantee", "pressure", "sensitive_request",
    "disparagement", "ignorance", "overfamiliar",
)  # fmt: skip
RESOLUTION = ("resolved", "pending", "unresolved")
ENDING = ("closed", "customer_left", "agent_left")

# Labels of a single segment that most writers did not look for: `disclosure` is seen best in whole
# conversations, where the identity and the account are known.
UNLABELLED_IN_SEGMENTS = ("disclosure",)

# When a turn is the union of its sentences, the first of these that any sentence has wins.
POLITENESS_PRIORITY = ("impolite", "polite", "neutral")
EMPATHY_PRIORITY = ("dismissive", "empathic", "none")
EMOTION_PRIORITY = ("negative", "positive", "neutral")
