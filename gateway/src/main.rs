//! The gateway as a program.

fn main() -> std::process::ExitCode {
    onsale_process::run("onsale-gateway", onsale_gateway::serve)
}
