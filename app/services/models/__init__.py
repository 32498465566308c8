"""What is done with models: choosing, bringing in, forecasting, measuring."""
