package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"asof/cmd/render"
	"asof/fixtures/demo"
)

// A stop of the tour is a command and the reason to type it.
type stop struct {
	why  string
	args []string
}

// tour leads from a complaint to the event that caused it.
func tour() []stop {
	const bad = "state.total < 0"
	db, cart, drop := demo.Store, demo.PlantedStream, fmt.Sprint(demo.PlantedCause)
	return []stop{
		{"A customer says the shop owes them money. What is in this store?", []string{"info", db}},
		{"Their cart is cart-42. What happened there on the last day?", []string{"log", db, cart, "--since", "2026-01-26"}},
		{"What is the total now?", []string{"replay", db, cart, "--path", "/total"}},
		{"Below zero. What did the last day change?", []string{"diff", db, cart + "@2026-01-26..head"}},
		{"Which event took the total below zero?", []string{"bisect", db, cart, "--bad", bad}},
		{"Removing three cups is harmless. Who set the other parts of the total?", []string{"blame", db, address(cart, demo.PlantedVersion)}},
		{"A discount of 15.00, by the pricing service. What did that event do?", []string{"show", db, address(cart, demo.PlantedCause)}},
		{"SPRING15 is for 15 %, not 15.00. What if it had never been applied?", []string{"whatif", db, cart, "--drop", drop, "--path", "/total"}},
		{"Which events reproduce the bug? They would make a test.", []string{"shrink", db, cart, "--bad", bad}},
		{"Did the same happen to other carts?", []string{"check", db}},
		{"The short way, after replay and bisect: which input of that total was wrong?", []string{"why", db, address(cart, demo.PlantedVersion), "/total"}},
	}
}

// guide prints the commands of the tour, or runs them.
func (a *app) guide(o demoOptions, dir string) error {
	switch {
	case a.json:
		return a.guideJSON(o.dir)
	case o.tour:
		a.unpaged()
	}
	fmt.Fprintf(a.Out, "%s is a shop's event store with a bug in it. This is how to find it:\n", filepath.Join(o.dir, demo.Store))
	if o.dir != "" && o.tour {
		fmt.Fprintf(a.Out, "\n$ cd %s\n", render.Quote(o.dir))
	}
	next, whole := a.stepper(o.tour), o.tour
	for i, s := range tour() {
		if i > 0 && !next(i, len(tour())) {
			whole = false
			break
		}
		a.announce(s)
		if !o.tour {
			continue
		}
		if err := a.visit(o, dir, s); err != nil {
			return err
		}
	}
	if whole {
		fmt.Fprintf(a.Out, "\nThe cause is %s: the pricing service took off 15.00 where it meant 15 %%.\n",
			address(demo.PlantedStream, demo.PlantedCause))
	}
	if o.dir != "" && !o.tour {
		fmt.Fprintf(a.Out, "\nRun these commands in the folder %s.\n", o.dir)
	}
	fmt.Fprintf(a.Out, "\nThe same on the full screen, step by step: asof %s\n", commandLine([]string{"browse", demo.Store, address(demo.PlantedStream, demo.PlantedVersion)}))
	fmt.Fprintf(a.Out, "As a page to send: asof %s\n", commandLine([]string{"report", demo.Store, demo.PlantedStream, "-o", demo.PlantedStream + ".html"}))
	fmt.Fprintf(a.Out, "A bug that no stream shows, only a comparison of them:\n    asof %s\n", commandLine([]string{"bisect", demo.ReturnsStore, "--all", "--bad", "state.refunded > state.paid", "--explain"}))
	fmt.Fprintln(a.Out, "\nA project for a store of your own: asof init STORE")
	return a.ctx.Err()
}

// announce prints why a command comes next, and the command.
func (a *app) announce(s stop) {
	p := a.out().text
	p.Announce(s.why, "asof "+commandLine(s.args))
	_ = p.Flush() // the counter of standard output keeps the error
}

// visit runs the command of a stop in the folder of the demo. The scripts there are
// ours: they need no guard.
func (a *app) visit(o demoOptions, dir string, s stop) error {
	in := a.IO
	in.Guard, in.Height = nil, nil
	if o.dir != "" {
		in.Dir = dir
	}
	args := []string{"--color", a.color, "--tz", a.tz}
	if a.keep.off {
		args = append(args, "--no-cache")
	}
	if a.keep.dir != "" {
		args = append(args, "--cache-dir", a.keep.dir)
	}
	code := Run(a.ctx, append(args, s.args...), in)
	if err := a.ctx.Err(); err != nil {
		return err
	}
	if code > exitFindings {
		return fmt.Errorf("asof %s ended with exit code %d", commandLine(s.args), code)
	}
	return nil
}

// stepper returns a function that waits for Enter before the next step, and reports
// false if the user wants to stop. It waits only if the user is there: with a terminal on
// both sides.
func (a *app) stepper(tour bool) func(done, all int) bool {
	in, isFile := a.In.(*os.File)
	_, shown := a.Terminal(a.Out)
	if !tour || !shown || !isFile || !term.IsTerminal(int(in.Fd())) {
		return func(int, int) bool { return true }
	}
	lines := readLines(a.ctx, a.In)
	return func(done, all int) bool {
		fmt.Fprintf(a.Err, "\n%d of %d. Enter for the next step, q to quit: ", done, all)
		select {
		case l, ok := <-lines:
			if !ok {
				fmt.Fprintln(a.Err) // end the line of the prompt
			}
			return ok && l.err == nil && !strings.HasPrefix(strings.ToLower(strings.TrimSpace(l.text)), "q")
		case <-a.ctx.Done():
			fmt.Fprintln(a.Err) // as above
			return false
		}
	}
}
