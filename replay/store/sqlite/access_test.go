package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"asof/fixtures/testmain"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store"
	"asof/replay/store/sqlite"
	"asof/replay/store/testdb"
)

// TestMain lets the test binary act as another program that writes to a store, because locks
// and shared memory work between processes.
func TestMain(m *testing.M) {
	if path := os.Getenv("ASOF_TEST_WRITER"); path != "" {
		if err := writeOnCommand(path, os.Stdin, os.Stdout); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(testmain.Run(m))
}

// writeOnCommand runs each input line as SQL and answers "ok".
func writeOnCommand(path string, in io.Reader, out io.Writer) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if lines.Text() == "close" {
			if err := db.Close(); err != nil {
				return err
			}
		} else if _, err := db.Exec(lines.Text()); err != nil {
			return fmt.Errorf("%s: %w", lines.Text(), err)
		}
		fmt.Fprintln(out, "ok")
	}
	return nil
}

// A writer is another process with an open store.
type writer struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.Writer
	out *bufio.Scanner
}

func startWriter(t *testing.T, path string, sqls ...string) *writer {
	t.Helper()
	w := &writer{t: t, cmd: exec.Command(os.Args[0])}
	w.cmd.Env = append(os.Environ(), "ASOF_TEST_WRITER="+path)
	in, err := w.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.in, w.out = in, bufio.NewScanner(out)
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.kill)
	for _, s := range sqls {
		w.run(s)
	}
	return w
}

func (w *writer) run(sql string) {
	w.t.Helper()
	fmt.Fprintln(w.in, strings.ReplaceAll(sql, "\n", " "))
	if !w.out.Scan() || w.out.Text() != "ok" {
		w.t.Fatalf("writer: %s", w.out.Text())
	}
}

// kill ends the process without any cleanup, like a crash.
func (w *writer) kill() {
	if w.cmd.ProcessState == nil {
		w.cmd.Process.Kill() //nolint:errcheck // it may have ended
		w.cmd.Wait()         //nolint:errcheck
	}
}

func insert(version int) string {
	return fmt.Sprintf("INSERT INTO asof_events VALUES(%[1]d,'cart-1','cart',%[1]d,'e%[1]d','Added',1,"+
		"'2026-03-01T09:00:00Z',NULL,NULL,NULL,'{\"n\":%[1]d}',NULL)", version)
}

var walSetup = []string{
	"PRAGMA journal_mode=WAL",
	strings.Split(testdb.NativeDDL, "PRAGMA")[0],
	insert(1), insert(2), insert(3),
}

// readEverything runs every kind of query.
func readEverything(t *testing.T, path string, o store.Options) (int, replay.Info) {
	t.Helper()
	r, err := store.Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	n := events(t, r)
	if _, err := r.Summary(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, err := range r.Streams(context.Background(), replay.StreamQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return n, r.Info()
}

func TestNothingIsLeftNextToTheStore(t *testing.T) {
	for _, c := range []struct {
		name, access string
		prepare      func(t *testing.T, path string)
	}{
		{"rollback journal", "private copy", func(t *testing.T, path string) {
			w := startWriter(t, path, walSetup[1:]...)
			w.run("close")
		}},
		{"WAL, closed", "immutable", func(t *testing.T, path string) {
			w := startWriter(t, path, walSetup...)
			w.run("close")
		}},
		{"WAL, live writer", "with its -wal", func(t *testing.T, path string) {
			startWriter(t, path, walSetup...)
		}},
		{"WAL, crashed writer", "with its -wal", func(t *testing.T, path string) {
			startWriter(t, path, walSetup...).kill()
		}},
		{"WAL, no -shm", "private copy", func(t *testing.T, path string) {
			startWriter(t, path, walSetup...).kill()
			if err := os.Remove(path + "-shm"); err != nil {
				t.Fatal(err)
			}
		}},
		{"WAL, empty -wal", "immutable", func(t *testing.T, path string) {
			w := startWriter(t, path, walSetup...)
			w.run("PRAGMA wal_checkpoint(TRUNCATE)")
		}},
		{"persistent journal", "private copy", func(t *testing.T, path string) {
			w := startWriter(t, path, append([]string{"PRAGMA journal_mode=PERSIST"}, walSetup[1:]...)...)
			w.run("close")
		}},
		{"hot journal", "private copy", func(t *testing.T, path string) {
			w := startWriter(t, path, walSetup[1:]...)
			w.run("PRAGMA cache_size=1")
			w.run("PRAGMA cache_spill=ON")
			w.run("BEGIN IMMEDIATE")
			for i := 4; i < 400; i++ { // more than the cache holds, so that it is spilt
				w.run(strings.Replace(insert(i), `{"n"`, `{"pad":"`+strings.Repeat("x", 500)+`","n"`, 1))
			}
			w.kill()
		}},
		{"awkward name", "with its -wal", func(t *testing.T, path string) {
			startWriter(t, path, walSetup...)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, temp := t.TempDir(), t.TempDir()
			path := filepath.Join(dir, "store.db")
			if c.name == "awkward name" && runtime.GOOS != "windows" {
				path = filepath.Join(dir, "a b%20#1 ü.db") // not '?': the writer's driver takes that for a query
			}
			c.prepare(t, path)
			before := testdb.Folder(t, dir)
			n, info := readEverything(t, path, store.Options{TempDir: temp})
			if n != 3 {
				t.Errorf("%d events, want 3", n)
			}
			if !strings.Contains(info.Access, c.access) {
				t.Errorf("access %q, want %q", info.Access, c.access)
			}
			if after := testdb.Folder(t, dir); after != before {
				t.Errorf("the folder changed:\n%swas\n%s", after, before)
			}
			if left := testdb.Folder(t, temp); left != "" {
				t.Errorf("left in the folder of copies: %s", left)
			}
		})
	}
}

func TestQuestionMarkInPath(t *testing.T) {
	from := filepath.Join(t.TempDir(), "store.db")
	rows := []string{testdb.NativeDDL}
	for i := range 10 {
		rows = append(rows, insert(i+1))
	}
	testdb.Build(t, from, nil, rows...)
	path := filepath.Join(filepath.Dir(from), "what?mode=rwc#%3f.db")
	if err := os.Rename(from, path); err != nil {
		t.Skip(err)
	}
	if n, _ := readEverything(t, path, store.Options{}); n != 10 {
		t.Errorf("%d events, want 10", n)
	}
}

func TestUnwritableFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root can write everywhere")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	startWriter(t, path, walSetup...).kill()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700) //nolint:errcheck
	if n, _ := readEverything(t, path, store.Options{}); n != 3 {
		t.Errorf("%d events, want 3", n)
	}
}

func TestSymlinkToStore(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	startWriter(t, filepath.Join(dir, "store.db"), walSetup...)
	link := filepath.Join(other, "link.db")
	if err := os.Symlink(filepath.Join(dir, "store.db"), link); err != nil {
		t.Skip(err)
	}
	if n, _ := readEverything(t, link, store.Options{}); n != 3 {
		t.Errorf("%d events through the link, want 3: those in the -wal count", n)
	}
	if entries, err := os.ReadDir(other); err != nil || len(entries) != 1 {
		t.Errorf("next to the link: %v, %v", entries, err)
	}
}

// TestConsistentPrefixOfLiveStore checks that all answers of a reader are about one prefix.
func TestConsistentPrefixOfLiveStore(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	w := startWriter(t, path, walSetup...)
	r := mustOpen(t, path, store.Options{})
	w.run(insert(4))
	w.run("PRAGMA wal_checkpoint(PASSIVE)")
	w.run(insert(5))
	if n := events(t, r); n != 3 {
		t.Errorf("the reader sees %d events, opened when there were 3", n)
	}
	if n, _ := readEverything(t, path, store.Options{}); n != 5 {
		t.Errorf("a new reader sees %d events, want 5", n)
	}
}

func TestMovedStore(t *testing.T) {
	for _, mode := range []string{"WAL", "DELETE"} {
		t.Run(mode, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			setup := append([]string{"PRAGMA journal_mode=" + mode}, walSetup[1:]...)
			startWriter(t, path, setup...).run("close")
			defer sqlite.SetCheapCopy(0)()
			r, err := store.Open(context.Background(), path, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if mode == "DELETE" {
				// A lock would block an honest writer, but another program ignores locks.
				f, err := os.OpenFile(path, os.O_RDWR, 0)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if _, err := f.WriteAt([]byte{0, 0, 0, 99}, 24); err != nil {
					t.Fatal(err)
				}
			} else {
				startWriter(t, path, insert(4), insert(5)).run("close")
			}
			var last error
			for _, err := range r.Events(context.Background(), replay.Query{}) {
				last = err
			}
			var se *replay.StoreError
			if !errors.Is(last, store.ErrMoved) || !errors.As(last, &se) || fault.RemedyOf(se).Text == "" {
				t.Errorf("after a write the read ends with %v", last)
			}
			if _, err := r.Summary(context.Background()); !errors.Is(err, store.ErrMoved) {
				t.Errorf("the summary gives %v", err)
			}
			last = nil
			for _, err := range r.Streams(context.Background(), replay.StreamQuery{IDsOnly: true}) {
				last = err
			}
			if !errors.Is(last, store.ErrMoved) {
				t.Errorf("the streams end with %v", last)
			}
		})
	}
}

// TestBusyWriter reads a store in rollback mode that is written to constantly. Each read must
// be complete, and no file may be reported as damaged.
func TestBusyWriter(t *testing.T) {
	defer sqlite.SetCheapCopy(0)()
	for _, n := range []int64{0, 1 << 20} {
		sqlite.SetCheapCopy(n)
		path := filepath.Join(t.TempDir(), "store.db")
		w := startWriter(t, path, walSetup[1:]...)
		w.run("PRAGMA busy_timeout=10000")
		n := 3
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped) // even if the writer fails
			for {
				select {
				case <-stop:
					return
				default:
					n++
					w.run(insert(n))
					time.Sleep(2 * time.Millisecond) // otherwise no reader gets a lock
				}
			}
		}()
		last := 0
		for range 12 {
			n, _ := readEverything(t, path, store.Options{})
			if n < last {
				t.Errorf("%d events after %d", n, last)
			}
			last = n
		}
		close(stop)
		if <-stopped; n < 5 {
			t.Errorf("the writer wrote %d events", n)
		}
	}
}

// TestCopyLetsWritersWrite writes to a store in rollback mode while it is read.
func TestCopyLetsWritersWrite(t *testing.T) {
	defer sqlite.SetCheapCopy(0)()
	path := filepath.Join(t.TempDir(), "store.db")
	w := startWriter(t, path, walSetup[1:]...)
	r := mustOpen(t, path, store.Options{Copy: true})
	w.run(insert(4))
	if n := events(t, r); n != 3 {
		t.Errorf("the reader sees %d events, opened when there were 3", n)
	}
	locked := mustOpen(t, path, store.Options{})
	if access := locked.Info().Access; !strings.Contains(access, "writers wait") {
		t.Errorf("opened %s", access)
	}
}

func TestLockedStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	w := startWriter(t, path, walSetup[1:]...)
	w.run("PRAGMA locking_mode=EXCLUSIVE")
	w.run("BEGIN EXCLUSIVE")
	_, err := store.Open(context.Background(), path, store.Options{})
	var se *replay.StoreError
	if !errors.As(err, &se) || !strings.Contains(err.Error(), "locked") || fault.RemedyOf(se).Text == "" {
		t.Errorf("a locked store gives %v", err)
	}
}

func TestTruncated(t *testing.T) {
	header := make([]byte, 100)
	copy(header, "SQLite format 3\x00")
	header[16], header[31] = 0x10, 3 // three pages of 4096
	if n := sqlite.Truncated(header, 3*4096); n != 0 {
		t.Errorf("%d bytes missing in a complete file", n)
	}
	if n := sqlite.Truncated(header, 2*4096+100); n != 3996 {
		t.Errorf("%d bytes missing, want 3996", n)
	}
	header[27] = 1 // the size belongs to another version of the file
	if n := sqlite.Truncated(header, 1); n != 0 {
		t.Errorf("%d bytes missing with an invalid size", n)
	}
}
