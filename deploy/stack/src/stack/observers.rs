use std::path::PathBuf;

use super::Folder;
use crate::{
    Exporter, Postgres, Prometheus, PrometheusOptions, Redis, ScrapeTarget, Service, ServiceOptions,
    StackError,
};

/// What watches the rest, where it was asked for.
#[derive(Debug)]
pub struct Observers {
    /// The receiver of traces.
    pub traces: Service,
    /// Of Redis, Postgres and the machine.
    pub exporters: Vec<Exporter>,
    /// Asks the exporters and the programs.
    pub prometheus: Prometheus,
}

/// A receiver of traces, which has to be there before the programs are.
pub(super) async fn traces(folder: &Folder) -> Result<Service, StackError> {
    let receiver = ServiceOptions::new("onsale-stack").called("onsale-traces").argument("receive-traces");
    let mut traces = Service::start(receiver.folder(folder.logs())).await?;
    traces.until_ready().await?;
    Ok(traces)
}

impl Observers {
    /// Starts the exporters, and a Prometheus that asks them and the programs.
    pub(super) async fn start(
        traces: Service,
        stores: (&Redis, &Postgres),
        programs: impl Iterator<Item = &Service>,
        folder: PathBuf,
    ) -> Result<Self, StackError> {
        let (redis, postgres) = stores;
        let kept = Some(folder.join("prometheus"));
        let logs = folder.join("log");
        let exporters = vec![
            Exporter::redis(redis, &logs).await?,
            Exporter::postgres(postgres, "onsale", &logs).await?,
            Exporter::node(&logs).await?,
        ];
        let mut targets: Vec<_> = programs.filter_map(target).collect();
        targets.extend(exporters.iter().map(Exporter::target));
        let options = PrometheusOptions { targets, folder: kept, ..PrometheusOptions::default() };
        let prometheus = Prometheus::start(options).await?;
        Ok(Self { traces, exporters, prometheus })
    }

    pub(super) fn pids(&self) -> Vec<(String, i32)> {
        let named = |exporter: &Exporter| (format!("{}-exporter", exporter.target().job), exporter.pid());
        let mut pids: Vec<_> = self.exporters.iter().map(named).collect();
        pids.push(("prometheus".to_owned(), self.prometheus.pid()));
        pids.push((self.traces.name().to_owned(), self.traces.pid()));
        pids
    }

    /// What has ended by itself, with how it ended.
    pub(super) fn ended(&mut self) -> Vec<(String, String)> {
        let mut ended = Vec::new();
        for exporter in &mut self.exporters {
            let name = format!("{}-exporter", exporter.target().job);
            ended.extend(exporter.ended().map(|status| (name, status.to_string())));
        }
        ended.extend(self.prometheus.ended().map(|status| ("prometheus".to_owned(), status.to_string())));
        let name = self.traces.name().to_owned();
        ended.extend(self.traces.ended().map(|status| (name, status.to_string())));
        ended
    }

    pub(super) async fn stop(mut self) -> Result<(), StackError> {
        self.prometheus.stop().await?;
        for exporter in &mut self.exporters {
            exporter.stop().await?;
        }
        self.traces.stop().await.map(|_| ())
    }
}

/// A program's ops port: `onsale-queue-2` is instance `queue-2` of job `queue`.
fn target(program: &Service) -> Option<ScrapeTarget> {
    let instance = program.name().strip_prefix("onsale-")?;
    let (job, _) = instance.rsplit_once('-')?;
    Some(ScrapeTarget::new(job, instance, program.address("ops")?))
}
