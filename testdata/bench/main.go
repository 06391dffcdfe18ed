//go:build unix

// Command bench measures asof beside what people use today, on this machine:
//
//	go run ./testdata/bench
//
// It builds asof and the data, runs each case in turn, several times over, and
// prints a table of medians: all of it within one run, as machines differ and are
// busy. Peers that are not installed are left out: sqlite3 and jq, python3, node
// with better-sqlite3 (found through NODE_PATH), and a C compiler with SQLite's
// header for the floor.
//
// The answers are compared, too: a fast wrong answer fails the run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"asof/fixtures"
)

type bench struct {
	dir    string
	events int
	runs   int
	asof   string
	write  bool // only write the data
}

func main() {
	b := bench{}
	flag.IntVar(&b.events, "events", 1_000_000, "events of the store")
	flag.IntVar(&b.runs, "runs", 5, "how often each case is run")
	flag.StringVar(&b.dir, "dir", "", "folder for the data, used again if it is there (default: a temporary one)")
	flag.BoolVar(&b.write, "write", false, "only write the data")
	flag.Parse()
	if err := b.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (b *bench) run(ctx context.Context) error {
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "asof-bench-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		b.dir = dir
	}
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	var err error
	if b.dir, err = filepath.Abs(b.dir); err != nil {
		return err
	}
	if b.write {
		return b.data(ctx)
	}
	b.asof = filepath.Join(b.dir, "asof")
	if err := output(exec.Command("go", "build", "-o", b.asof, "asof")); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "writing the data …")
	if err := b.dataApart(); err != nil {
		return err
	}
	cases := b.cases()
	for i := range b.runs {
		for _, c := range cases {
			fmt.Fprintf(os.Stderr, "run %d of %d: %s\n", i+1, b.runs, c.name)
			if err := c.measure(); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	fmt.Printf("%s, %d cores, %s/%s, %s; load %s; %d runs\n\n", cpu(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), load(), b.runs)
	report(os.Stdout, cases)
	return sameAnswers(cases)
}

// dataApart writes the data in another process: what this one takes at most would
// count as the peak memory of all that it starts.
func (b *bench) dataApart() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return output(exec.Command(self, "-write", "-dir", b.dir, "-events", strconv.Itoa(b.events)))
}

// data writes a store with one stream, and one with a hundred events a stream.
func (b *bench) data(ctx context.Context) error {
	for name, streams := range map[string]int{"one": 1, "many": max(1, b.events/100)} {
		path := b.store(name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := fixtures.WriteNative(ctx, path+".new", fixtures.Streams(b.events, streams)); err != nil {
			return err
		}
		if err := os.Rename(path+".new", path); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) store(name string) string {
	return filepath.Join(b.dir, fmt.Sprintf("%s-%d.db", name, b.events))
}

func output(c *exec.Cmd) error {
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", c, err, out)
	}
	return nil
}

func cpu() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return "unknown processor"
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:2], " ")
}
