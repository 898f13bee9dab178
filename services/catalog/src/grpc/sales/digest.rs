//! What a request is, whatever key it is asked under.

use prost::Message;
use sha2::{Digest as _, Sha256};

use crate::domain::RequestDigest;

/// Of an operation and its request, from which the key and what does not change the answer are taken out.
pub(super) fn digest(operation: &str, request: &impl Message) -> RequestDigest {
    let mut hash = Sha256::new();
    hash.update(operation.as_bytes());
    hash.update([0]);
    hash.update(request.encode_to_vec());
    RequestDigest(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use onsale_proto::catalog::v1::HoldKey;

    use super::*;

    #[test]
    fn another_operation_or_another_request_is_another_digest() {
        let (one, two) = (HoldKey::default(), HoldKey { hold_id: "2".to_owned(), ..HoldKey::default() });
        assert_eq!(digest("Release", &one), digest("Release", &one.clone()));
        assert_ne!(digest("Release", &one), digest("CheckOut", &one));
        assert_ne!(digest("Release", &one), digest("Release", &two));
    }
}
