//! The page: complete in one file, and with nothing in it that somebody else wrote as HTML.

use crate::folder::{FAILURE, Results, TOKEN};

#[test]
fn it_needs_nothing_else() {
    let results = Results::new();
    let written = results.report(&[TOKEN, FAILURE]);
    let page = written.file("report.html");
    for forbidden in ["<script", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert_eq!(page.matches("<svg").count(), written.plots().len());
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
}

#[test]
fn what_others_wrote_stays_text() {
    let results = Results::new();
    results.change(TOKEN, "run.json", |run| {
        run["question"] = "<img src=x onerror=alert(1)> & \"so\" | on".into();
        run["environment"]["processor"] = "</td><script>alert(2)</script>".into();
    });
    let name = format!("<b>bold</b>={TOKEN}");
    // A name with a slash would be a folder.
    let written = results.report(&[&name.replace("</b>", "<b>")]);
    let page = written.file("report.html");
    for tag in ["<img", "<script", "<b>"] {
        assert!(!page.contains(tag), "{tag}");
    }
    let text = written.file("report.md");
    assert!(text.contains("&lt;img src=x onerror=alert(1)> &amp; \"so\" \\| on"), "{text}");
    assert!(!text.contains("<script") && !text.contains("<b>"));
    for plot in written.plots() {
        assert!(!plot.contains('<') && !written.file(&format!("plots/{plot}")).contains("<b>"), "{plot}");
    }
}
