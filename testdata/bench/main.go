//go:build unix

// Command bench compares the speed of asof with common alternatives on this machine:
//
//	go run ./testdata/bench
//
// It builds asof, writes the data, runs all cases in several rounds and prints a table
// of medians. Compare only numbers of the same run, since machines and their load
// differ. A ratio is the median of the ratios of all rounds.
//
// Peers that are not installed are left out and listed. The command finds sqlite3, jq,
// python3 and node through PATH, better-sqlite3 and Emmett
// (@event-driven-io/emmett-sqlite) through NODE_PATH, and the Python library
// eventsourcing through PYTHONPATH. The floor needs a C compiler and SQLite's header.
//
// The run fails if the answers differ.
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
	versions map[string]string // of the peers; empty for a peer that is not installed
}

func main() {
	b := bench{versions: map[string]string{}}
	flag.IntVar(&b.events, "events", 1_000_000, "number of events in the store; the libraries' own stores have a tenth")
	flag.IntVar(&b.runs, "runs", 5, "number of runs of each case")
	flag.StringVar(&b.dir, "dir", "", "folder for the data, reused if it exists (default: a temporary folder)")
	flag.BoolVar(&b.write, "write", false, "only write the data")
	only := flag.String("only", "", "run only the cases whose name matches this regular expression, and those they are compared with")
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
	if err := b.noProject(); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "writing the data …")
	if err := b.writeData(); err != nil {
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
	if err := b.engines(ctx, os.Stdout); err != nil {
		return err
	}
	return sameAnswers(cases)
}

func output(c *exec.Cmd) error {
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", c, err, out)
	}
	return nil
}
