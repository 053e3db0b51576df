//! Starting and ending the server: the data directory, the port, the signals.

mod address;
mod again;
pub mod here;
mod signals;

use crate::ambient::Ambient;
use crate::app::{App, AppState};
use crate::board::Board;
use crate::cards::{self, Slots};
use crate::db::{Db, clear_up};
use crate::library::staging;
use crate::lock::Lock;
use crate::state::{Config, DataDir, Served, ServerStart, Token};
use crate::supervisor;
use crate::{accept, demo, evaluations, files, imports, routes, runs, usage};
use address::{bind, resolve_host, url};
use protocol::{Lang, Said, says};
pub use signals::Signals;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// What the command line says about the server.
#[derive(Debug, Clone)]
pub struct Options {
    pub host: String,
    pub port: u16,
    pub data_dir: PathBuf,
    pub slots: Option<usize>,
    pub allowed_hosts: Vec<String>,
    /// The one model to serve, of `corral api`.
    pub served: Option<Served>,
    /// None where nobody opens a page.
    pub board: Board,
}

#[cfg(test)]
impl Options {
    /// Of a server on this data directory, and else as the command line has it.
    pub fn on(data_dir: &Path) -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 7860,
            data_dir: data_dir.into(),
            slots: None,
            allowed_hosts: vec![],
            served: None,
            board: Board::default(),
        }
    }
}

/// Why the server could not start.
#[derive(Debug)]
pub enum ServeError {
    Host(String, io::Error),
    Ports(u16, u16, IpAddr),
    Port(u16, IpAddr, io::Error),
    DataDir(PathBuf, io::Error),
    Busy(PathBuf, Said),
    Database(PathBuf, sqlx::Error),
    Comma(PathBuf),
    Token,
    Model(String, Said),
    Io(io::Error),
}

impl ServeError {
    /// In a sentence.
    pub fn said(&self) -> Said {
        match self {
            Self::Host(host, why) => says::host_not_here(host, why),
            Self::Ports(first, last, host) => says::ports_busy(*first, *last, host.to_string()),
            Self::Port(port, host, why) => says::port_unusable(*port, host.to_string(), why),
            Self::DataDir(path, why) => says::data_dir_unusable(path, why),
            Self::Busy(path, who) => says::data_dir_taken(path, who),
            Self::Database(path, why) => says::database_unusable(path, why.to_string()),
            Self::Comma(path) => says::data_dir_comma(path),
            Self::Token => says::token_unusable(),
            Self::Model(model, why) => says::model_not_served(model, why),
            Self::Io(why) => says::server_not_started(why),
        }
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.said().fmt(f)
    }
}

impl From<io::Error> for ServeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Serves the board until a signal ends it. Workers go on.
///
/// # Errors
/// When it can't start, each with what to do.
pub async fn serve(options: Options) -> Result<(), ServeError> {
    let path = options.data_dir.clone();
    let open = move || {
        let data_dir = open_data_dir(&path)?;
        Lock::wait(&data_dir).map(|lock| (data_dir, lock))
    };
    let (data_dir, lock) = on_disk(open).await??;
    let Listening { listener, config, url } = listen(&options, &data_dir).await?;
    let told = url.split('?').next().unwrap_or_default().to_owned();
    let lock = on_disk(move || lock.tell(&told).map(|()| lock)).await??;
    let (app, events) = app(config, data_dir).await?;
    let now = app.ambient.now();
    let (data, runs, known) = (app.data_dir.clone(), app.data_dir.runs(), app.db.directories().await);
    let known = known.map_err(|e| ServeError::Database(app.data_dir.database(), e))?;
    on_disk(move || {
        staging::sweep(&data.data());
        evaluations::sweep(&data);
        imports::sweep(&runs, now);
        runs::probe::sweep(data.root());
        files::combine::sweep(&runs);
        runs::delete::sweep(&runs, &known);
    })
    .await?;
    // before their runs are looked for
    app.sweeps.adopt_all().await;
    let tasks = &app.tasks;
    // whoever drops this future ends what it began
    let _ends_with_us = tasks.stop_on_drop();
    tasks.spawn(app.workers().run(events));
    tasks.spawn(clear_up(app.db.clone()));
    tasks.spawn(cards::watch(
        app.db.clone(),
        app.bus.clone(),
        app.seen.clone(),
        app.config.cuda.clone(),
    ));
    tasks.spawn(usage::watch(
        app.db.clone(),
        app.bus.clone(),
        app.data_dir.clone(),
        app.ambient.clone(),
        app.launcher.clone(),
    ));
    tasks.spawn(app.evaluations.clone().run_queue());
    tasks.spawn(runs::health::refresh_outdated(app.db.clone(), app.announcer.clone()));
    tasks.spawn(app.sweeps.clone().make_all_due_runs());
    tasks.spawn(app.trash.clone().empty_periodically());
    let mut signals = Signals::listen();
    say(&says::corral_at(&url));
    if app.config.host.is_loopback() {
        let token = app.config.token.reveal();
        say(&says::others_need_token(format!("{url}/?token={token}")));
    }
    say(&says::data_directory(app.data_dir.root()));
    // a card that lies idle for want of something is worth a line
    if let (Some(why), false) = (&app.config.cuda.missing, app.config.cuda.cards.is_empty()) {
        say(&says::training_on_cpu(why));
    }
    let routes = routes::routes(app.clone());
    until_signal(listener, routes, &app, &mut signals, says::runs_go_on()).await;
    drop(lock);
    Ok(())
}

/// Runs work that waits for the disk, which may be one that answers no more.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServeError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ServeError::Io(io::Error::other(error)))
}

/// Serves `/v1` alone, over the models of a data directory; a board may work on it at the same time.
///
/// # Errors
/// As [`serve`].
pub async fn api(options: Options) -> Result<(), ServeError> {
    let path = options.data_dir.clone();
    let data_dir = on_disk(move || open_data_dir(&path)).await??;
    let Listening { listener, config, url } = listen(&options, &data_dir).await?;
    let (app, _events) = app(config, data_dir).await?;
    let mut signals = Signals::listen();
    // its worker must not outlive this process, which a signal may end long before the model is there
    let loaded = tokio::select! {
        loaded = app.chat.load_served() => Some(loaded),
        () = signals.next() => None,
    };
    if !matches!(loaded, Some(Ok(()))) {
        end(&app, &mut signals).await;
    }
    match loaded {
        Some(Ok(())) => {}
        Some(Err(error)) => {
            let model = options.served.map(|served| served.name).unwrap_or_default();
            return Err(ServeError::Model(model, error.said()));
        }
        None => {
            say(&says::corral_ends(says::model_unloaded()));
            return Ok(());
        }
    }
    let board = url.split("/?").next().unwrap_or_default();
    say(&says::openai_address(format!("{board}/v1")));
    let key = app.config.token.reveal();
    say(&match app.config.host.is_loopback() {
        true => says::api_key_of_others(key),
        false => says::api_key(key),
    });
    let routes = routes::openai_routes(app.clone());
    until_signal(listener, routes, &app, &mut signals, says::model_unloaded()).await;
    Ok(())
}

/// Prints a line, on a terminal in the person's language. A reader that has gone, such as a closed pipe, does not end the server.
fn say(said: &Said) {
    use std::io::Write;
    let mut out = io::stdout();
    let line = said.in_lang(Lang::of_reader(&out));
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// What the whole program needs to know where it takes no port: nobody asks it but the process itself.
///
/// # Errors
/// As [`serve`].
pub(crate) async fn unheard(options: &Options, data_dir: &DataDir) -> Result<Config, ServeError> {
    let host = std::net::Ipv4Addr::LOCALHOST.into();
    config(options, data_dir, SocketAddr::new(host, options.port)).await
}

/// A bound port, the server that is to answer there, and the URL to open.
struct Listening {
    listener: TcpListener,
    config: Config,
    url: String,
}

async fn listen(options: &Options, data_dir: &DataDir) -> Result<Listening, ServeError> {
    let host = resolve_host(&options.host).await?;
    let listener = bind(host, options.port).await?;
    let port = listener.local_addr()?.port();
    if port != options.port && options.port != 0 {
        say(&says::port_busy(options.port, port));
    }
    let config = config(options, data_dir, SocketAddr::new(host, port)).await?;
    let token = Some(&config.token).filter(|_| !host.is_loopback());
    let url = url(&options.host, host, port, token);
    let trainer = config.trainer.clone();
    if !on_disk(move || trainer.is_file()).await? {
        say(&says::trainer_missing(&config.trainer));
    }
    Ok(Listening { listener, config, url })
}

async fn config(options: &Options, data_dir: &DataDir, address: SocketAddr) -> Result<Config, ServeError> {
    let ambient = Ambient::default();
    let token = token(&ambient)?;
    let trainer = trainer();
    let (asked, data) = (trainer.clone(), data_dir.root().to_owned());
    let cuda = on_disk(move || cards::survey(&asked, &data)).await?;
    Ok(Config {
        host: address.ip(),
        port: address.port(),
        allowed_hosts: allowed_hosts(options),
        slots: Slots::of(&cuda, options.slots),
        token,
        served: options.served.clone(),
        board: options.board,
        started: ServerStart {
            at: ambient.now(),
            command: again::command(options, address.port(), data_dir.root()).into(),
        },
        trainer,
        cuda: Arc::new(cuda),
    })
}

/// What must come to its end has so long for it, once nobody is answered any more.
const GRACE: Duration = Duration::from_secs(5);

/// Ends all that goes on beside requests: chat workers give their memory back, and the database is closed. One more signal cuts it off.
async fn end(app: &AppState, signals: &mut Signals) {
    app.chat.clear();
    let ended = async {
        let left = app.tasks.end(GRACE).await;
        if left > 0 {
            tracing::warn!(
                "{left} pieces of work were not done in {} s, and are cut off",
                GRACE.as_secs()
            );
        }
        // what is cut off may hold a connection
        let _ = tokio::time::timeout(GRACE, app.db.close()).await;
    };
    tokio::select! {
        () = ended => {}
        () = signals.next() => {}
    }
}

/// Serves until a signal, then ends all that goes on; one more signal cuts that off. Chat workers that idle give their memory back.
async fn until_signal(listener: TcpListener, routes: axum::Router, app: &AppState, signals: &mut Signals, last: Said) {
    app.tasks.spawn({
        let app = app.clone();
        async move {
            let mut every = tokio::time::interval(Duration::from_secs(30));
            loop {
                every.tick().await;
                app.chat.drop_idle();
                // a chat that has fallen silent may have a card that a run waits for
                app.supervisor.tell(supervisor::Event::Wake);
            }
        }
    });
    let doors = app.tasks.halt();
    let most = accept::raise_descriptor_limit();
    let mut answering = pin!(accept::serve(listener, routes, most, app.tasks.clone(), doors.clone()));
    tokio::select! {
        () = answering.as_mut() => {}
        () = signals.next() => {
            say(&says::corral_ends(last));
            doors.stop();
            let mut hurried = false;
            tokio::select! {
                () = answering => {}
                // open pages hold their sockets: what is left after a moment is cut
                () = tokio::time::sleep(Duration::from_secs(2)) => {}
                () = signals.next() => hurried = true,
            }
            if hurried {
                return app.chat.clear();
            }
        }
    }
    end(app, signals).await;
}

/// The state of a server on this data directory, and the events its supervisor will serve.
///
/// # Errors
/// When the demo can't be written or the database can't be opened.
pub async fn app(
    config: Config,
    data_dir: DataDir,
) -> Result<(AppState, tokio::sync::mpsc::UnboundedReceiver<supervisor::Event>), ServeError> {
    let data = data_dir.clone();
    let extracted = on_disk(move || demo::extract(&data)).await?;
    extracted.map_err(|e| ServeError::DataDir(data_dir.root().into(), e))?;
    let path = data_dir.database();
    let ambient = Ambient::default();
    let db = Db::open(&path, ambient.clone())
        .await
        .map_err(|e| ServeError::Database(path, e))?;
    // what earlier probes measured is read
    let (app, events) = on_disk(move || App::new(config, data_dir, db, ambient)).await?;
    Ok((Arc::new(app), events))
}

pub fn open_data_dir(path: &Path) -> Result<DataDir, ServeError> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if whole.as_os_str().as_encoded_bytes().contains(&b',') {
        return Err(ServeError::Comma(whole));
    }
    DataDir::open(path).map_err(|e| ServeError::DataDir(path.into(), e))
}

/// `CORRAL_TOKEN` for servers that others connect to by script, else a fresh one.
fn token(ambient: &Ambient) -> Result<Token, ServeError> {
    match std::env::var_os("CORRAL_TOKEN").filter(|text| !text.is_empty()) {
        Some(text) => text.into_string().ok().and_then(Token::new).ok_or(ServeError::Token),
        None => Ok(Token::random(ambient)),
    }
}

fn allowed_hosts(options: &Options) -> Vec<String> {
    let names = options.allowed_hosts.iter().chain([&options.host]);
    names.map(|n| n.to_ascii_lowercase()).collect()
}

/// `corral-trainer`, in the folder of this program.
pub fn trainer() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_else(|_| "corral".into());
    own.with_file_name("corral-trainer")
}
