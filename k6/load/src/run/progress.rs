use std::{convert::Infallible, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::{Instant, sleep};

use super::{Folder, phases::until_it_begins};

const DRAW: Duration = Duration::from_millis(500);

/// Draws how far a run is, for as long as it goes on. Where there is no terminal, nothing is drawn.
pub(super) async fn show(folder: &Folder, at_most: Duration) -> Infallible {
    let bar = ProgressBar::new(at_most.as_secs());
    if let Ok(style) = ProgressStyle::with_template("  {msg:<12} {bar:40} {pos} of at most {len} s") {
        bar.set_style(style);
    }
    bar.set_message("getting ready");
    until_it_begins(folder).await;
    bar.set_message("under load");
    let began = Instant::now();
    loop {
        bar.set_position(began.elapsed().as_secs());
        sleep(DRAW).await;
    }
}
