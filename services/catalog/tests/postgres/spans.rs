//! What spans say of selling: each statement is below the call that asked, and nothing in them is anybody's.
//!
//! The subscriber of a process is one, and nextest has a process for each test.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use onsale_proto::catalog::v1::{ConfirmRequest, HoldRequest, SaleKey};
use sqlx::PgPool;
use tracing::{
    Level, Subscriber,
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

use crate::{
    fixture::on_sale,
    running::{Running, database_url},
    selling::{Seller, confirmation, user},
};

/// Every span there was: its parent's name and its own, and all that was said of it.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Spans>>);

#[derive(Default)]
struct Spans {
    all: Vec<String>,
    /// Ids are given again once a span is closed.
    open: HashMap<u64, usize>,
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut seen = self.0.lock().unwrap();
        let parent = context.span(id).and_then(|span| span.parent().map(|parent| parent.id().into_u64()));
        let parent = parent.and_then(|parent| seen.open.get(&parent)).map(|index| named(&seen.all[*index]));
        let mut says = format!("{} >", parent.unwrap_or_else(|| "none".to_owned()));
        attributes.record(&mut Line(&mut says));
        let index = seen.all.len();
        seen.all.push(says);
        seen.open.insert(id.into_u64(), index);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let seen = &mut *self.0.lock().unwrap();
        if let Some(index) = seen.open.get(&id.into_u64()) {
            values.record(&mut Line(&mut seen.all[*index]));
        }
    }
}

/// The name that is shown for a span.
fn named(span: &str) -> String {
    let (_, name) = span.split_once("otel.name=").unwrap_or_default();
    name.split(" otel.").next().unwrap_or_default().trim_matches('"').to_owned()
}

impl Seen {
    fn start() -> Self {
        let seen = Self::default();
        // As the program filters them.
        let filter = Targets::new().with_default(Level::INFO).with_target("otel::tracing", Level::TRACE);
        tracing_subscriber::registry().with(seen.clone().with_filter(filter)).init();
        seen
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().all.clone()
    }

    #[track_caller]
    fn assert_edge(&self, parent: &str, name: &str, table: &str) {
        let all = self.all();
        let is_edge = |span: &&String| span.starts_with(&format!("{parent} >")) && named(span) == name;
        let span = all.iter().find(is_edge).unwrap_or_else(|| panic!("{parent} > {name} in {all:#?}"));
        for said in [
            "db.system.name=\"postgresql\"".to_owned(),
            format!("db.collection.name=\"{table}\""),
            format!("db.query.summary=\"{name}\""),
            "otel.kind=\"client\"".to_owned(),
        ] {
            assert!(span.contains(&said), "{said} in {span}");
        }
    }
}

#[sqlx::test]
async fn each_operation_has_its_statement_below_it_and_says_nothing_personal(pool: PgPool) {
    let seen = Seen::start();
    let ours = on_sale(&pool, 5_000).await;
    let catalog = Running::start_with(&database_url(&pool), &["--upkeep=false"]).await;
    let seller = Seller::new(&catalog, ours).await;
    let request = seller.request(user("ada.lovelace"), &[4711, 4712]);
    let request = HoldRequest { idempotency_key: "key-31415".to_owned(), ..request };
    let hold = seller.ask(request).await.unwrap().hold.unwrap();
    let request = ConfirmRequest {
        idempotency_key: "key-27182".to_owned(),
        ..confirmation("ada.lovelace", &hold, "order-16180")
    };
    let sale = seller.client.clone().confirm(request).await.unwrap().into_inner().sale.unwrap();
    seller.try_hold("bob.babbage", &[4711]).await.unwrap_err();
    let own = SaleKey { buyer: Some(user("ada.lovelace")), sale_id: sale.sale_id.clone() };
    seller.client.clone().cancel(own).await.unwrap();
    catalog.stop().await.unwrap();

    let call = |method: &str| format!("onsale.catalog.v1.SalesService/{method}");
    seen.assert_edge(&call("Hold"), "hold seats", "hold");
    seen.assert_edge(&call("Confirm"), "confirm hold", "sale");
    seen.assert_edge(&call("Cancel"), "cancel sale", "sale");
    let all = seen.all().join("\n");
    assert!(
        all.contains("see whether it is the primary"),
        "what is asked in the background has spans too: {all}"
    );
    let personal = ["ada.lovelace", "bob.babbage", "4711", "4712", "31415", "27182", "16180"];
    for personal in personal.into_iter().chain([hold.hold_id.as_str(), sale.sale_id.as_str()]) {
        assert!(!all.contains(personal), "{personal} in {all}");
    }
}
