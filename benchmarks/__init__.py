"""How fast convqa is, how much memory it takes, and that nothing is lost: each as one command."""
