"""The LeRobotDataset v3.0 format as files: layout, columns, rows and videos. Read without the Hub or PyTorch."""
