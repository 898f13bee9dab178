//! The labels of gRPC calls, the same for who serves and who calls.

use tonic::Code;

use crate::{LabelValue, label};

label! {
    /// How it is called.
    pub enum RpcSystem: "rpc.system.name" {
        /// The only one there is.
        Grpc = "grpc",
    }
}

label! {
    /// How a call ended.
    pub enum RpcCode: "rpc.response.status_code" {
        /// Well.
        Ok = "OK",
        /// The caller gave up.
        Cancelled = "CANCELLED",
        /// Nobody knows.
        Unknown = "UNKNOWN",
        /// The request makes no sense.
        InvalidArgument = "INVALID_ARGUMENT",
        /// Its time was over.
        DeadlineExceeded = "DEADLINE_EXCEEDED",
        /// There is no such thing.
        NotFound = "NOT_FOUND",
        /// There is one already.
        AlreadyExists = "ALREADY_EXISTS",
        /// Not for this caller.
        PermissionDenied = "PERMISSION_DENIED",
        /// Too much was asked for.
        ResourceExhausted = "RESOURCE_EXHAUSTED",
        /// Not in this state.
        FailedPrecondition = "FAILED_PRECONDITION",
        /// Somebody else was first.
        Aborted = "ABORTED",
        /// Beyond the end.
        OutOfRange = "OUT_OF_RANGE",
        /// There is no such method.
        Unimplemented = "UNIMPLEMENTED",
        /// It is broken.
        Internal = "INTERNAL",
        /// Not just now.
        Unavailable = "UNAVAILABLE",
        /// Data is lost.
        DataLoss = "DATA_LOSS",
        /// Nobody knows the caller.
        Unauthenticated = "UNAUTHENTICATED",
    }
}

impl From<Code> for RpcCode {
    fn from(code: Code) -> Self {
        match code {
            Code::Ok => Self::Ok,
            Code::Cancelled => Self::Cancelled,
            Code::Unknown => Self::Unknown,
            Code::InvalidArgument => Self::InvalidArgument,
            Code::DeadlineExceeded => Self::DeadlineExceeded,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists => Self::AlreadyExists,
            Code::PermissionDenied => Self::PermissionDenied,
            Code::ResourceExhausted => Self::ResourceExhausted,
            Code::FailedPrecondition => Self::FailedPrecondition,
            Code::Aborted => Self::Aborted,
            Code::OutOfRange => Self::OutOfRange,
            Code::Unimplemented => Self::Unimplemented,
            Code::Internal => Self::Internal,
            Code::Unavailable => Self::Unavailable,
            Code::DataLoss => Self::DataLoss,
            Code::Unauthenticated => Self::Unauthenticated,
        }
    }
}

/// A method's full name, `package.Service/Method`: of the contracts, never of what arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RpcMethod(pub &'static str);

impl crate::Label for RpcMethod {
    const KEY: &'static str = "rpc.method";

    fn value(self) -> LabelValue {
        self.0.into()
    }
}

/// What every instrument of calls is labelled with.
pub type CallLabels = (RpcSystem, RpcMethod, RpcCode);
