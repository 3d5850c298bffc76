//! Many servers as one.

use std::sync::Arc;

use gatehold_session::Origin;

use crate::pipeline::Pipeline;
use crate::servers::Server;
use crate::upstream::connect::{Link, OpenError};

/// Opens a channel to all servers at once.
pub(crate) async fn open(_servers: &[Arc<Server>], _origin: &Origin, _pipeline: &Arc<Pipeline>) -> Result<Link, OpenError> {
    Err(OpenError::Protocol("not yet".to_owned()))
}
