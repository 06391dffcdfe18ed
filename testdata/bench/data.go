//go:build unix

package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"asof/fixtures"
	"asof/fixtures/kit"
	"asof/fixtures/sqlitefile"
	"asof/fixtures/write"
	"asof/replay"
)

//go:embed peers
var peers embed.FS

// folder creates the folder for the data. remove deletes it if it is temporary.
func (b *bench) folder() (remove func(), err error) {
	remove = func() {}
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "asof-bench-*"); err != nil {
			return nil, err
		}
		remove = func() { _ = os.RemoveAll(b.dir) }
	} else if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return nil, err
	}
	b.dir, err = filepath.Abs(b.dir)
	return remove, err
}

// tools builds asof and writes the peers' sources.
func (b *bench) tools() error {
	files, err := peers.ReadDir("peers")
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(b.peer(f.Name()), []byte(b.text(f.Name())), 0o644); err != nil {
			return err
		}
	}
	b.asof = filepath.Join(b.dir, "asof")
	return output(exec.Command("go", "build", "-o", b.asof, "asof"))
}

// noProject keeps an asof.toml in a folder above from choosing how events are folded.
func (b *bench) noProject() error {
	path := filepath.Join(b.dir, "asof.toml")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		return err
	}
	return os.Setenv("ASOF_CONFIG", path)
}

// peer returns the path of a peer's source.
func (b *bench) peer(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) text(name string) string {
	text, err := peers.ReadFile("peers/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}

// writeData writes the data in another process. The peak memory of this process would
// otherwise count as that of the processes it starts.
func (b *bench) writeData() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return output(exec.Command(self, "-write", "-dir", b.dir, "-events", strconv.Itoa(b.events)))
}

// data writes a store with one stream, a store with a hundred events per stream, a file
// of JSON with one stream, the stores of two libraries with one stream each, and histories
// of rows by two libraries.
func (b *bench) data(ctx context.Context) error {
	return errors.Join(
		b.written("one", func(path string) error {
			return sqlitefile.WriteNative(ctx, path, fixtures.Bench(b.events))
		}),
		b.written("many", func(path string) error {
			return sqlitefile.WriteNative(ctx, path, fixtures.Streams(b.events, max(1, b.events/100)))
		}),
		b.written("plain", func(path string) error {
			return sqlitefile.Write(ctx, kit.File{Path: path}, plain(), fixtures.Streams(b.events, max(1, b.events/100)))
		}),
		b.writeText(ctx, "ascii", "abcdefghijklmnop qrstuvwxyz"), b.writeText(ctx, "letters", "abcdefghijklm äöüéß 日本"),
		b.written("lines", func(path string) error { return write.NDJSON(ctx, path, fixtures.Bench(b.events)) }),
		b.writeRows(ctx, "rows", "paper-trail", "json, object_changes"), b.writeRows(ctx, "simple", "simple-history", ""),
		b.written("eventsourcing", func(path string) error {
			return write.Python(ctx, path, write.PythonOptions{}, fixtures.Bench(b.libraryEvents()))
		}),
		b.written("emmett", func(path string) error {
			return write.Emmett(ctx, path, write.EmmettOptions{}, fixtures.Bench(b.libraryEvents()))
		}),
	)
}

// plain is a table of events without an index.
func plain() sqlitefile.Table {
	return sqlitefile.Table{
		Schema: []string{"CREATE TABLE ev(stream TEXT, version INTEGER, time TEXT, type TEXT, data TEXT)"},
		Insert: "INSERT INTO ev VALUES(?, ?, ?, ?, ?)",
		Row: func(e *replay.Event) ([]any, error) {
			return []any{string(e.Stream), int64(e.Version), e.Time.Format(time.RFC3339Nano), e.Type, string(e.Data)}, nil
		},
	}
}

// writeRows writes histories of rows by a library: of one row, and of many.
func (b *bench) writeRows(ctx context.Context, name, library, variant string) error {
	for _, d := range write.Dialects() {
		if d.Name == library && d.Variant == variant {
			return errors.Join(
				b.written(name+"-one", func(path string) error { return d.Write(ctx, path, fixtures.Bench(b.events)) }),
				b.written(name+"-many", func(path string) error {
					return d.Write(ctx, path, fixtures.Streams(b.events, max(1, b.events/100)))
				}),
			)
		}
	}
	return errors.New("there is no writer of " + library)
}

// written writes a store unless it exists.
func (b *bench) written(name string, write func(path string) error) error {
	path := b.store(name)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := write(path + ".new"); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (b *bench) store(name string) string {
	return filepath.Join(b.dir, fmt.Sprintf("%s-%d.db", name, b.events))
}

// libraryEvents returns the number of events of the libraries' own stores. It is small,
// since some libraries are slow.
func (b *bench) libraryEvents() int { return max(1, b.events/10) }
