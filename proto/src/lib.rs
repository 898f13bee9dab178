//! The gRPC contracts between Onsale's programs, and between Onsale and internal callers.
//!
//! The `.proto` files under `proto/onsale` are the contract and its documentation;
//! this crate is what they compile to, and nothing else. Turning messages into
//! domain values, and back, belongs to the programs: their `grpc` and `upstream` modules.

/// The line: joining, standing, leaving; and running a room.
pub mod queue {
    /// Version 1 of the contract.
    pub mod v1 {
        tonic::include_proto!("onsale.queue.v1");
    }
}

/// Concerts, schedules and seats.
pub mod catalog {
    /// Version 1 of the contract.
    pub mod v1 {
        tonic::include_proto!("onsale.catalog.v1");
    }
}

/// The encoded `FileDescriptorSet` of every contract, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/onsale.bin"));
