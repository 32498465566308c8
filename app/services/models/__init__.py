"""What is done with models: selecting, installing, forecasting, benchmarking, quantising."""
