//! Compiles the contracts with protox, so that no `protoc` has to be installed.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

const FILES: [&str; 5] = [
    "onsale/queue/v1/queue.proto",
    "onsale/queue/v1/admin.proto",
    "onsale/catalog/v1/catalog.proto",
    "onsale/catalog/v1/sales.proto",
    "onsale/catalog/v1/seat_view.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    for file in FILES {
        println!("cargo::rerun-if-changed={file}");
    }
    let descriptors = protox::compile(FILES, ["."])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("onsale.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
