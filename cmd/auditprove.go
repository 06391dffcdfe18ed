package cmd

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/state"
)

func (a *app) auditProveCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "prove FOLDER STREAM@VERSION",
		Short: "Take one event out of an export, with its proof",
		Long: `Print one event of an export with all that is needed to check it alone: what
the store holds of it, the record that commits to it, and a c2sp.org/tlog-proof
that the record is in the tree of the checkpoint. Nothing of any other event is
in it.` + exitList("0    proved", "2    usage", "3    the export can't be read, or is broken", "4    no such event in the export"),
		Example: `  asof audit prove q1/ order-7@3 --out order-7.proof
  asof audit verify order-7.proof --vkey audit.key.pub`,
		Args: args(2, 2, "FOLDER", "STREAM@VERSION"),
		RunE: func(_ *cobra.Command, args []string) error { return a.auditProve(args[0], args[1], out) },
	}
	c.Flags().StringVar(&out, "out", "", "file for the proof, which must not be there (default: standard output)")
	return c
}

func (a *app) auditProve(dir, name, out string) error {
	stream, version, err := eventName(name)
	if err != nil {
		return err
	}
	proof, err := audit.Prove(a.ctx, a.path(dir), stream, version)
	if err != nil {
		return err
	}
	text := append(state.AppendJSON(nil, proof.JSON()), '\n')
	if err := a.writeFile(output{name: cmp.Or(out, "-")}, text); err != nil || out == "" || out == "-" {
		return err
	}
	p := a.out()
	p.Proved(proof, out)
	return p.Flush()
}

// eventName reads STREAM@VERSION. A stream may hold an @ itself.
func eventName(name string) (replay.StreamID, replay.Version, error) {
	at := strings.LastIndexByte(name, '@')
	if at > 0 {
		if v, err := strconv.ParseInt(name[at+1:], 10, 64); err == nil {
			return replay.StreamID(name[:at]), replay.Version(v), nil
		}
	}
	return "", 0, usagef("write the stream and the version, such as order-7@3", "bad event %q", name)
}

type auditSampleOptions struct {
	n    int
	seed string
}

func (a *app) auditSampleCommand() *cobra.Command {
	var o auditSampleOptions
	c := &cobra.Command{
		Use:   "sample FOLDER",
		Short: "Draw events of an export by chance, each with its proof",
		Long: `Draw events of an export by chance: for each its row in the store, what it
changed from what to what, and with --json its whole proof, one a line.

The same seed draws the same events from the same history. Let the auditor
choose it after the export is made.` + exitList("0    drawn", "2    usage", "3    the export can't be read, or is broken"),
		Example: `  asof audit sample q1/ --n 25 --seed 'case 4711'
  asof audit sample q1/ --n 25 --seed 'case 4711' --json > sample.ndjson`,
		Args: args(1, 1, "FOLDER"),
		RunE: func(_ *cobra.Command, args []string) error { return a.auditSample(args[0], o) },
	}
	c.Flags().IntVar(&o.n, "n", 25, "how many events")
	c.Flags().StringVar(&o.seed, "seed", "", "any text that the auditor chooses")
	return c
}

func (a *app) auditSample(dir string, o auditSampleOptions) error {
	switch {
	case o.n < 1:
		return usagef("write a number of events, such as 25", "bad --n %d", o.n)
	case o.seed == "":
		return usagef("let the auditor choose any text: --seed 'case 4711'", "--seed is missing")
	}
	ps, of, err := audit.Sample(a.ctx, a.path(dir), o.n, o.seed)
	if err != nil {
		return err
	}
	p := a.out()
	p.Sampled(ps, of, fmt.Sprintf("%s --n %d --seed %s", render.Quote(dir), o.n, render.Quote(o.seed)))
	return p.Flush()
}
