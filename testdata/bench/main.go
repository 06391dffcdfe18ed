//go:build unix

// Command bench measures asof beside what people use today, on this machine:
//
//	go run ./testdata/bench
//
// It builds asof and the data, runs each case in turn, several times over, and
// prints a table of medians: all of it within one run, as machines differ and are
// busy. A ratio is the median of the rounds' own ratios.
//
// Peers that are not installed are left out, and it says which. They are found as
// a shell would find them: sqlite3, jq, python3 and node through PATH, better-sqlite3
// and Emmett (@event-driven-io/emmett-sqlite) through NODE_PATH, the Python library
// eventsourcing through PYTHONPATH, and a C compiler with SQLite's header for the
// floor.
//
// The answers are compared, too: a fast wrong answer fails the run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
)

type bench struct {
	dir      string
	events   int
	runs     int
	asof     string
	write    bool // only write the data
	pattern  *regexp.Regexp
	versions map[string]string // of the peers; empty where one is not installed
}

func main() {
	b := bench{versions: map[string]string{}}
	flag.IntVar(&b.events, "events", 1_000_000, "events of the store; those of the libraries' own stores are a tenth")
	flag.IntVar(&b.runs, "runs", 5, "how often each case is run")
	flag.StringVar(&b.dir, "dir", "", "folder for the data, used again if it is there (default: a temporary one)")
	flag.BoolVar(&b.write, "write", false, "only write the data")
	only := flag.String("only", "", "only the cases whose name this regular expression matches, and what they are compared with")
	flag.Parse()
	var err error
	if b.pattern, err = regexp.Compile(*only); err == nil {
		err = b.run(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (b *bench) run(ctx context.Context) error {
	remove, err := b.folder()
	if err != nil {
		return err
	}
	defer remove()
	if b.write {
		return b.data(ctx)
	}
	if err := b.tools(); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "writing the data …")
	if err := b.dataApart(); err != nil {
		return err
	}
	cases := b.only(b.cases())
	before := load()
	for i := range b.runs {
		for _, c := range cases {
			fmt.Fprintf(os.Stderr, "run %d of %d: %s\n", i+1, b.runs, c.name)
			if err := c.measure(); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	b.machine(os.Stdout, before)
	report(os.Stdout, cases)
	return sameAnswers(cases)
}

func output(c *exec.Cmd) error {
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", c, err, out)
	}
	return nil
}
