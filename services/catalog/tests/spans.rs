//! That each statement has a span, named and below the call that asked. Alone in its program: the
//! subscriber of a process is one.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use onsale_catalog::{
    domain::{ConcertId, PageLimit},
    reading::{self, ListConcerts},
    store::postgres::{ConnectOptions, PostgresStore},
};
use sqlx::{ConnectOptions as _, PgPool};
use tracing::{
    Instrument as _, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

/// Keeps what spans say: `parent > name: field=value ...`.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).and_then(|span| span.parent().map(|parent| parent.name()));
        let mut line = format!("{} > {}:", parent.unwrap_or("none"), attributes.metadata().name());
        attributes.record(&mut Line(&mut line));
        self.0.lock().unwrap().push(line);
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut line = "recorded:".to_owned();
        values.record(&mut Line(&mut line));
        self.0.lock().unwrap().push(line);
    }
}

#[sqlx::test]
async fn each_statement_has_a_span_below_its_call(pool: PgPool) {
    sqlx::query("INSERT INTO concert (name, performer, venue) VALUES ('c', 'p', 'v')")
        .execute(&pool)
        .await
        .unwrap();
    let url = pool.connect_options().to_url_lossy().to_string();
    let store = PostgresStore::new(&ConnectOptions::parse(&url, 1, Duration::from_secs(20)).unwrap());
    let mut aside =
        pool.connect_options().as_ref().clone().disable_statement_logging().connect().await.unwrap();
    let seen = Seen::default();
    let questions = async {
        let first_page = ListConcerts { limit: PageLimit::DEFAULT, cursor: None };
        reading::list_concerts(&store, first_page).await.unwrap();
        reading::get_concert(&store, ConcertId::try_from(9_u64).unwrap()).await.unwrap_err();
        sqlx::query("ALTER TABLE concert RENAME TO gone").execute(&mut aside).await.unwrap();
        reading::get_concert(&store, ConcertId::try_from(9_u64).unwrap()).await.unwrap_err();
    };
    // A filter of the layer's own, as the program has: no span may be lost in it.
    let filter = Targets::new().with_default(Level::INFO).with_target("otel::tracing", Level::TRACE);
    tracing_subscriber::registry().with(seen.clone().with_filter(filter)).init();
    questions.instrument(tracing::info_span!("call")).await;
    let seen: Vec<String> =
        seen.0.lock().unwrap().iter().filter(|line| !line.contains("> call")).cloned().collect();
    let [list, one_row, get, no_row, again, gone_status, gone_kind] = seen.as_slice() else {
        panic!("{seen:#?}")
    };
    for (span, name) in [(list, "list concerts"), (get, "get concert"), (again, "get concert")] {
        assert!(span.starts_with("call > postgres:"), "{span}");
        assert!(span.contains(&format!("otel.name={name:?}")), "{span}");
        assert!(span.contains(r#"db.system.name="postgresql""#), "{span}");
        assert!(span.contains(r#"db.collection.name="concert""#), "{span}");
    }
    assert_eq!(one_row, "recorded: db.response.returned_rows=1");
    assert_eq!(no_row, "recorded: db.response.returned_rows=0");
    assert_eq!(gone_status, r#"recorded: otel.status_code="error""#);
    assert_eq!(gone_kind, r#"recorded: error.type="away""#);
}
