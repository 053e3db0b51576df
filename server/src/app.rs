//! The whole server: its parts, each made of what it needs and of nothing else. A handler takes the parts that it works with.

use crate::ambient::Ambient;
use crate::board::Board;
use crate::cards::{Leases, Seen};
use crate::chat::pool::Pool;
use crate::configs::Configs;
use crate::db::Db;
use crate::evaluations::{Evaluations, Known};
use crate::files::combine::Combines;
use crate::files::merge::Merges;
use crate::library::Models;
use crate::library::datasets::Datasets;
use crate::library::download::Downloads;
use crate::library::facts::Facts;
use crate::library::hub::Hubs;
use crate::library::inspections::Inspections;
use crate::library::register::Register;
use crate::library::tidy::Users;
use crate::live::Bus;
use crate::notify::Notices;
use crate::runs::Queue;
use crate::runs::adopt::Adopter;
use crate::runs::announcer::Announcer;
use crate::runs::board_file::BoardFileWriter;
use crate::runs::check::{Checks, Judge};
use crate::runs::create::Maker;
use crate::runs::delete::Deleter;
use crate::runs::forecast::Forecasts;
use crate::runs::judged::Judged;
use crate::runs::lengths::Measurer;
use crate::runs::probe::Probes;
use crate::runs::resolve::Resolver;
use crate::runs::sampling::SampledRuns;
use crate::state::{Config, DataDir, ServerStart};
use crate::supervisor::launcher::Launcher;
use crate::supervisor::local::Local;
use crate::supervisor::{Event, Supervisor, Watching, Workers};
use crate::sweeps::Sweeps;
use crate::system::Machine;
use crate::trainer::Trainer;
use crate::trash::Trash;
use crate::work::Tasks;
use axum::extract::FromRef;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;

pub type AppState = Arc<App>;

pub struct App {
    pub config: Arc<Config>,
    pub tasks: Tasks,
    pub ambient: Ambient,
    pub data_dir: DataDir,
    pub db: Db,
    pub bus: Bus,
    pub seen: Seen,
    pub supervisor: Supervisor,
    pub announcer: Announcer,
    pub leases: Leases,
    pub launcher: Arc<dyn Launcher>,
    pub resolver: Resolver,
    pub machine: Machine,
    pub notices: Notices,
    pub models: Models,
    pub datasets: Datasets,
    pub downloads: Downloads,
    pub users: Users,
    pub chat: Pool,
    pub merges: Merges,
    pub combines: Combines,
    pub evaluations: Evaluations,
    pub queue: Queue,
    pub checks: Checks,
    pub probes: Probes,
    pub maker: Maker,
    pub adopter: Adopter,
    pub deleter: Deleter,
    pub sweeps: Sweeps,
    pub trash: Trash,
    pub configs: Configs,
}

/// Which parts a handler may take: each is its field of the whole.
macro_rules! parts {
    ($($field:ident: $part:ty),* $(,)?) => {
        $(impl FromRef<AppState> for $part {
            fn from_ref(app: &AppState) -> Self {
                app.$field.clone()
            }
        })*
    };
}

parts! {
    ambient: Ambient,
    db: Db,
    bus: Bus,
    resolver: Resolver,
    machine: Machine,
    notices: Notices,
    models: Models,
    datasets: Datasets,
    downloads: Downloads,
    users: Users,
    chat: Pool,
    merges: Merges,
    combines: Combines,
    evaluations: Evaluations,
    queue: Queue,
    checks: Checks,
    probes: Probes,
    maker: Maker,
    adopter: Adopter,
    deleter: Deleter,
    sweeps: Sweeps,
    trash: Trash,
    configs: Configs,
}

impl FromRef<AppState> for Board {
    fn from_ref(app: &AppState) -> Self {
        app.config.board
    }
}

impl FromRef<AppState> for ServerStart {
    fn from_ref(app: &AppState) -> Self {
        app.config.started.clone()
    }
}

impl App {
    /// Makes the parts, each of those before it, and gives the events that [`App::workers`] serve.
    pub fn new(config: Config, data_dir: DataDir, db: Db, ambient: Ambient) -> (Self, UnboundedReceiver<Event>) {
        let (supervisor, events) = Supervisor::new();
        let (tasks, bus, hubs, seen) = (Tasks::default(), Bus::default(), Hubs::from_env(), Seen::default());
        let (cuda, most) = (config.cuda.clone(), config.slots.count());
        let announcer = Announcer {
            db: db.clone(),
            bus: bus.clone(),
            kept: BoardFileWriter::new(tasks.clone()),
        };
        let leases = Leases::new(db.clone(), config.slots.clone(), supervisor.clone());
        let trainer = Trainer::new(config.trainer.clone(), data_dir.clone(), leases.clone());
        let machine = Machine {
            db: db.clone(),
            data_dir: data_dir.clone(),
            cuda: cuda.clone(),
            hub: hubs.default_hub,
            slots: most,
            token_required: !config.host.is_loopback(),
        };
        let notices = Notices {
            tasks: tasks.clone(),
            ambient: ambient.clone(),
            db: db.clone(),
            bus: bus.clone(),
            data_dir: data_dir.clone(),
            turns: Arc::default(),
        };
        let resolver = Resolver {
            db: db.clone(),
            data_dir: data_dir.clone(),
            hubs: hubs.clone(),
        };
        let facts = Facts::new(trainer.clone());
        let inspections = Inspections::new(trainer.clone(), hubs.clone());
        let datasets = Datasets {
            db: db.clone(),
            bus: bus.clone(),
            data_dir: data_dir.clone(),
            trainer: trainer.clone(),
            inspections: inspections.clone(),
            register: Register::new(data_dir.clone()),
        };
        let models = Models {
            db: db.clone(),
            data_dir: data_dir.clone(),
            hubs: hubs.clone(),
            facts: facts.clone(),
        };
        let chat = Pool::new(
            trainer.clone(),
            resolver.clone(),
            facts.clone(),
            config.served.clone(),
            ambient.clone(),
            tasks.clone(),
        );
        let adopter = Adopter {
            ambient: ambient.clone(),
            db: db.clone(),
            bus: bus.clone(),
            data_dir: data_dir.clone(),
            supervisor: supervisor.clone(),
            announcer: announcer.clone(),
            importing: Arc::default(),
        };
        let merges = Merges {
            tasks: tasks.clone(),
            db: db.clone(),
            bus: bus.clone(),
            trainer: trainer.clone(),
            resolver: resolver.clone(),
            shared: Arc::default(),
        };
        let combines = Combines {
            tasks: tasks.clone(),
            ambient: ambient.clone(),
            db: db.clone(),
            bus: bus.clone(),
            data_dir: data_dir.clone(),
            trainer: trainer.clone(),
            resolver: resolver.clone(),
            adopter: adopter.clone(),
            last: Arc::default(),
        };
        let evaluations = Evaluations {
            ambient: ambient.clone(),
            bus: bus.clone(),
            data_dir: data_dir.clone(),
            trainer: trainer.clone(),
            resolver: resolver.clone(),
            known: Arc::new(Known::read(&data_dir)),
        };
        let users = Users {
            db: db.clone(),
            merges: merges.clone(),
            combines: combines.clone(),
            evaluations: evaluations.clone(),
            chat: chat.clone(),
        };
        let probes = Probes {
            tasks: tasks.clone(),
            db: db.clone(),
            data_dir: data_dir.clone(),
            trainer: trainer.clone(),
            resolver: resolver.clone(),
            shared: Arc::default(),
        };
        let checks = Checks {
            judge: Judge {
                data_dir: data_dir.clone(),
                cuda: cuda.clone(),
                resolver: resolver.clone(),
                inspections,
                judged: Judged::new(trainer.clone(), ambient.clone()),
            },
            measured: Measurer {
                trainer: trainer.clone(),
                facts,
                cuda: cuda.clone(),
                seen: seen.clone(),
                known: Arc::default(),
            },
            forecasts: Forecasts {
                db: db.clone(),
                data_dir: data_dir.clone(),
                cuda,
                probes: probes.clone(),
                sampled: SampledRuns::default(),
            },
        };
        let queue = Queue {
            db: db.clone(),
            supervisor: supervisor.clone(),
            announcer: announcer.clone(),
        };
        let maker = Maker {
            ambient: ambient.clone(),
            db: db.clone(),
            data_dir: data_dir.clone(),
            supervisor: supervisor.clone(),
            announcer: announcer.clone(),
            judge: checks.judge.clone(),
        };
        let sweeps = Sweeps {
            tasks: tasks.clone(),
            ambient: ambient.clone(),
            db: db.clone(),
            data_dir: data_dir.clone(),
            queue: queue.clone(),
            maker: maker.clone(),
            slots: most,
            making: Arc::default(),
        };
        let trash = Trash::new(data_dir.clone(), ambient.clone());
        let deleter = Deleter {
            db: db.clone(),
            data_dir: data_dir.clone(),
            announcer: announcer.clone(),
            users: users.clone(),
            trash: trash.clone(),
            adopter: adopter.clone(),
            sweeps: sweeps.clone(),
        };
        let configs = Configs {
            data_dir: data_dir.clone(),
            trash: trash.clone(),
            naming: Arc::default(),
        };
        let app = Self {
            downloads: Downloads::new(tasks.clone(), bus.clone(), data_dir.clone(), hubs.default_hub),
            config: Arc::new(config),
            tasks,
            ambient,
            data_dir,
            db,
            bus,
            seen,
            supervisor,
            announcer,
            leases,
            launcher: Arc::new(Local { trainer }),
            resolver,
            machine,
            notices,
            models,
            datasets,
            users,
            chat,
            merges,
            combines,
            evaluations,
            queue,
            checks,
            probes,
            maker,
            adopter,
            deleter,
            sweeps,
            trash,
            configs,
        };
        (app, events)
    }

    /// What serves the supervisor's events.
    pub fn workers(&self) -> Workers {
        Workers {
            watching: Watching {
                tasks: self.tasks.clone(),
                db: self.db.clone(),
                bus: self.bus.clone(),
                supervisor: self.supervisor.clone(),
                announcer: self.announcer.clone(),
                ambient: self.ambient.clone(),
                launcher: self.launcher.clone(),
            },
            data_dir: self.data_dir.clone(),
            leases: self.leases.clone(),
            chat: self.chat.clone(),
            adopter: self.adopter.clone(),
            notices: self.notices.clone(),
            sweeps: self.sweeps.clone(),
        }
    }
}
