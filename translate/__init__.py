"""Machine translation: engines that turn sentences into sentences, and texts that were translated elsewhere."""
