//! The program at a pseudo-terminal, as a person meets it: keys in, what the terminal shows out.
//!
//! Nothing here sleeps: a test waits until the screen shows what it must, and fails with the screen if it never does.

mod demo;
mod init;
mod meeting;
mod teams;

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longer than the slowest machine takes for one step.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program and its terminal.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    /// The terminal lasts as long as this does.
    #[cfg_attr(not(unix), expect(dead_code, reason = "held so that the terminal stays open"))]
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    shown: vt100::Parser,
    /// All that was ever written to it.
    bytes: Vec<u8>,
}

impl Terminal {
    /// Starts the program with these arguments and variables, and no others.
    fn new(rows: u16, cols: u16, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let size = PtySize { rows, cols, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_mahoe"));
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in variables {
            command.env(name, value);
        }
        command.args(arguments);
        let child = pair.slave.spawn_command(command).expect("it starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                if send.send(bytes[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let shown = vt100::Parser::new(rows, cols, 0);
        Self { child, master: pair.master, keys, output, shown, bytes: Vec::new() }
    }

    /// What stands on the screen.
    fn screen(&self) -> String {
        self.shown.screen().contents()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        self.shown.process(bytes);
    }

    /// Waits until the screen is as wanted.
    fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> &mut Self {
        // In all, not since the last output: a screen that is drawn anew each minute must not keep a test alive.
        let end = Instant::now() + PATIENCE;
        while !wanted(&self.screen()) {
            let more = self.output.recv_timeout(end.saturating_duration_since(Instant::now()));
            assert!(more.is_ok(), "never: {what}\n{}", self.screen());
            self.take(&more.unwrap_or_default());
        }
        self
    }

    /// Waits until the screen shows this.
    fn shows(&mut self, text: &str) -> &mut Self {
        self.until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen says this, however it is wrapped and framed.
    fn says(&mut self, text: &str) -> &mut Self {
        self.until(text, |screen| unframed(screen).contains(text))
    }

    /// Types a text as a terminal pastes it: at once, and told apart from keys.
    fn paste(&mut self, text: &str) -> &mut Self {
        self.press(&format!("\x1b[200~{text}\x1b[201~"))
    }

    /// Waits until the terminal echoes nothing: a passphrase is about to be read. The prompt comes a moment before.
    fn silent(&mut self) -> &mut Self {
        /// `ECHO` among the local flags of a Unix terminal.
        #[cfg(unix)]
        const ECHO: u32 = 0o10;
        let end = Instant::now() + PATIENCE;
        #[cfg(unix)]
        while self.master.get_termios().is_some_and(|modes| modes.local_flags.bits() & ECHO != 0) {
            assert!(Instant::now() < end, "it goes on echoing");
            std::thread::yield_now();
        }
        let _ = end;
        self
    }

    /// Presses keys. Few at once: a volley is taken for a paste.
    fn press(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("pressed");
        self
    }

    /// Waits for the program's end; its exit code.
    fn ends(&mut self) -> u32 {
        // The reader's end is the terminal's end.
        let end = Instant::now() + PATIENCE;
        while let Ok(bytes) = self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.take(&bytes);
        }
        self.child.wait().expect("it ends").exit_code()
    }
}

/// The words of a screen in one line, without the frames of what lies over it.
fn unframed(screen: &str) -> String {
    let words = screen.replace(['│', '┌', '┐', '└', '┘', '─'], " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // After a test that failed the program must not stay behind; after one that went well it has ended.
        let _ = self.child.kill();
    }
}
