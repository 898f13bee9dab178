//! Who makes the load.
//!
//! | | model | looks at bodies | for |
//! |---|---|---|---|
//! | [`k6`] | open | yes | everything but rates at which it would itself be what is measured |
//! | [`oha`] | open | no | the limit of one call |
//! | [`wrk`] | closed | no | the one comparison with what others have published |

mod answer;
pub mod k6;
pub mod oha;
pub mod program;
pub mod wrk;

pub use answer::Answer;
