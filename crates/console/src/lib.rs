//! The dashboard: reads evidence and asks the gateway; it cannot touch a flow.
//!
//! Nothing is here yet.
