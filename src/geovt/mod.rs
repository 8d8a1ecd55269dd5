//! The network, tensors to tensors. Knows no lead names.
