//! A database of its own with a schedule on sale, and two copies that sell it.

use std::{fs, time::Duration};

use onsale_proto::catalog::v1::sales_service_client::SalesServiceClient;
use onsale_stack::{Postgres, PostgresOptions, Service, ServiceOptions};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tonic::transport::{Channel, Endpoint};

use crate::{
    fixture::on_sale,
    running::PATIENCE,
    selling::{Seller, channel},
};

pub(super) struct House {
    postgres: Postgres,
    copies: [Service; 2],
    pub(super) pool: PgPool,
    pub(super) concert: i64,
    pub(super) schedule: i64,
    pub(super) seats: u32,
}

impl House {
    /// So many seats on sale, without a limit, held for a second at a time.
    pub(super) async fn open(seats: u32) -> Self {
        // Deadlocks are looked for before anybody gives up waiting, so that none goes unseen.
        let settings = [("deadlock_timeout", "10ms"), ("max_connections", "200")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let postgres =
            Postgres::start(PostgresOptions { settings, ..PostgresOptions::default() }).await.unwrap();
        let url = postgres.create_database("catalog").unwrap();
        let mut copies = [copy(&url, 1).await, copy(&url, 2).await];
        for copy in &mut copies {
            copy.until_ready().await.unwrap();
        }
        let pool = PgPoolOptions::new().acquire_timeout(PATIENCE).connect(&url).await.unwrap();
        let (concert, schedule) = on_sale(&pool, seats.cast_signed()).await;
        sqlx::query("UPDATE schedule SET seats_per_user = NULL").execute(&pool).await.unwrap();
        sqlx::query("ANALYZE").execute(&pool).await.unwrap();
        Self { postgres, copies, pool, concert, schedule, seats }
    }

    /// A connection to each copy, which comes back when the copy does.
    pub(super) fn clients(&self) -> [SalesServiceClient<Channel>; 2] {
        [0, 1].map(|copy: usize| {
            let endpoint = Endpoint::from_shared(self.copies[copy].url("grpc")).expect("an address");
            SalesServiceClient::new(endpoint.connect_timeout(Duration::from_secs(1)).connect_lazy())
        })
    }

    /// Kills a copy and starts it again.
    pub(super) async fn kill_copy(&mut self, copy: usize) {
        self.copies[copy].kill9().unwrap();
        self.copies[copy].restart().await.unwrap();
        self.copies[copy].until_ready().await.unwrap();
    }

    /// Kills Postgres, has both copies notice, and starts it again.
    pub(super) async fn kill_postgres(&mut self) {
        self.postgres.kill9().unwrap();
        for copy in &mut self.copies {
            copy.until_unready().await.unwrap();
        }
        self.postgres.restart().await.unwrap();
        for copy in &mut self.copies {
            copy.until_ready().await.unwrap();
        }
    }

    /// How many deadlocks Postgres has told of.
    pub(super) fn deadlocks(&self) -> usize {
        fs::read_to_string(self.postgres.log()).unwrap().matches("deadlock detected").count()
    }

    /// Changes the database under the copies.
    pub(super) async fn forge(&self, statement: &str) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&self.pool).await.unwrap();
    }

    /// How many seats were sold again while they were sold.
    pub(super) async fn sold_twice_ever(&self) -> i64 {
        sqlx::query_scalar(
            "SELECT count(*)
             FROM sale_seat x
             JOIN sale a ON a.id = x.sale_id
             JOIN sale_seat y ON y.schedule_id = x.schedule_id AND y.seat_no = x.seat_no AND y.sale_id <> x.sale_id
             JOIN sale b ON b.id = y.sale_id
             WHERE a.sold_at <= b.sold_at AND coalesce(x.cancelled_at, 'infinity') > b.sold_at",
        )
        .fetch_one(&self.pool)
        .await
        .unwrap()
    }

    /// Once the last hold has ended, everything that is not sold can be held.
    pub(super) async fn assert_no_seat_is_stuck(&self) {
        tokio::time::timeout(PATIENCE, async {
            let held = "SELECT EXISTS (SELECT FROM seat_state WHERE held_until > clock_timestamp())";
            while sqlx::query_scalar(held).fetch_one(&self.pool).await.unwrap() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .expect("the last hold ends");
        let free: Vec<i32> =
            sqlx::query_scalar("SELECT seat_no FROM seat_state WHERE status <> 2 ORDER BY seat_no")
                .fetch_all(&self.pool)
                .await
                .unwrap();
        let [client, _] = self.clients();
        let seller = Seller { client, concert: self.concert, schedule: self.schedule };
        for seats in free.chunks(100) {
            let seats: Vec<u32> = seats.iter().map(|seat| seat.cast_unsigned()).collect();
            seller.ask(seller.request(channel("box-office"), &seats)).await.expect("nobody has them");
        }
    }
}

async fn copy(url: &str, number: usize) -> Service {
    let settings = [
        ("ONSALE_DATABASE_URL", url),
        ("ONSALE_HOLD_SECONDS", "1"),
        ("ONSALE_HOLD_CAP_SECONDS", "3"),
        ("ONSALE_EXTENSION_SECONDS", "1"),
        ("ONSALE_PAYMENT_SECONDS", "2"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let options = ServiceOptions::new("onsale-catalog")
        .called(format!("onsale-catalog-{number}"))
        .program(env!("CARGO_BIN_EXE_onsale-catalog"))
        .envs(settings);
    Service::start(options).await.unwrap()
}
