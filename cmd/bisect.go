package cmd

import (
	"cmp"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/workspace"
)

type bisectOptions struct {
	pointFlags
	conditionFlags
	from, to string
	all      bool
	run      string
	timeout  time.Duration
	termOld  string
	termNew  string
	verify   bool
	exitCode bool
}

func (a *app) bisectCommand() *cobra.Command {
	var o bisectOptions
	c := &cobra.Command{
		Use:   "bisect STORE (STREAM[@RANGE] | --all)",
		Short: "Find the event that brought the bad state in",
		Long: `Find the first event that turned a good state into a bad one.

With --bad or --good, an expression is tested after every event of the range in
one forward fold: the answer is exact, every later turn is reported, and what
recovered is not missed. --all does so for every stream of the store, and goes
on from where the last run of the same ended, as asof check does.

With --run, a command is the test: the state is on its standard input and in the
file $ASOF_STATE. Exit code 0 is good, 125 can't tell, 1 to 127 is bad, and 128
and above ends the search. About log2 n states are tested, which takes bad to
stay bad: --verify also tests the neighbours of the answer.

With neither, asof shows states and asks. What was answered is kept: the same
command goes on where it stopped, "asof bisect log" prints it, "asof bisect
replay FILE" takes it from a file, and "asof bisect reset" forgets it.

With --fold given twice, the first event is found after which the two folds have
different states.

With --exit-code, the exit code is 1 unless no state is bad; --json tells found,
always_bad and inconclusive apart.` + exits("1    with --exit-code: found, bad from the start, or inconclusive", exitNoStream, "5    the projection, an upcaster, the expression or the command failed"),
		Example: `  asof bisect shop.db cart-42 --bad 'state.total < 0'
  asof bisect shop.db cart-42 --good 'state.items.every(i => i.qty > 0)' --from 10 --to head
  asof bisect shop.db cart-42 --run './check.sh'
  asof bisect shop.db cart-42
  asof bisect shop.db --all --bad 'state.total < 0'
  asof bisect shop.db cart-42 --fold old.js --fold new.js`,
		Args: args(1, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error { return a.bisect(args, o) },
	}
	o.pointFlags.add(a, c)
	fl := c.Flags()
	o.conditionFlags.add(fl)
	fl.StringVar(&o.from, "from", "", "where the range begins: the state there is taken to be good (default: start)")
	fl.StringVar(&o.to, "to", "", "where the range ends (default: head)")
	fl.BoolVar(&o.all, "all", false, "every stream of the store")
	fl.StringVar(&o.run, "run", "", "the test is this shell command, as for git bisect run")
	fl.DurationVar(&o.timeout, "timeout", time.Minute, "how long one run of the command may take")
	fl.StringVar(&o.termOld, "term-old", "", "what good is called")
	fl.StringVar(&o.termNew, "term-new", "", "what bad is called")
	fl.BoolVar(&o.verify, "verify", false, "with --run, also test the neighbours of the answer")
	fl.BoolVar(&o.exitCode, "exit-code", false, "exit with 1 unless no state is bad")
	c.AddCommand(a.bisectSubcommands()...)
	return c
}

func (a *app) bisect(args []string, o bisectOptions) error {
	if err := o.check(len(args) == 2); err != nil {
		return err
	}
	if !o.all && !o.given() && len(o.folds) < 2 {
		o.Copy = true // whoever answers takes their time, and no writer should have to wait for them
	}
	if o.all {
		how, err := o.one()
		if err != nil {
			return err
		}
		return a.runBisectAll(ask.BisectAll{
			StoreRef: o.of(args[0]), Folding: how, Condition: ask.Condition{Bad: o.bad, Good: o.good}, At: cmp.Or(o.to, o.at),
		}, o.exitCode)
	}
	r, err := a.open(args[0], o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	var ans *bisect.Result
	b := &bisection{app: a, o: o, store: args[0], name: args[1], opened: r}
	switch {
	case len(o.folds) == 2:
		ans, err = b.folds()
	case o.run != "":
		ans, err = b.external()
	case o.given():
		ans, err = b.expression()
	default:
		ans, err = b.ask(nil)
	}
	if err != nil {
		return err
	}
	return b.print(ans)
}

func (b *bisection) print(ans *bisect.Result) error {
	p := b.out()
	p.Bisected(ans, b.wording(ans))
	if err := p.Flush(); err != nil {
		return err
	}
	if b.o.exitCode && ans.Verdict != bisect.NeverBad {
		return findingsError{}
	}
	return nil
}

// check refuses options that do not go together.
func (o bisectOptions) check(stream bool) error {
	tests := 0
	for _, given := range []bool{o.given(), o.run != "", len(o.folds) > 1} {
		if given {
			tests++
		}
	}
	switch {
	case o.all && stream:
		return usagef("name a stream or give --all", "both a stream and --all")
	case !o.all && !stream:
		return usagef("name a stream, or give --all for the whole store", "STREAM is missing")
	case tests > 1:
		return usagef("give one test: --bad, --good, --run or two --fold", "more than one test")
	case o.all && !o.given():
		return usagef("give --bad or --good", "--all needs an expression")
	case len(o.folds) > 2:
		return usagef("compare two", "%d folds", len(o.folds))
	case o.at != "" && (o.from != "" || o.to != ""):
		return usagef("write --from A --to B or --at A..B", "both --at and --from or --to")
	case o.all && o.from != "":
		return usagef("leave it out: --all begins at the first event", "--all with --from")
	case o.timeout <= 0:
		return usagef("write a duration such as 30s", "bad --timeout %v", o.timeout)
	}
	return nil
}

// bisection is one search in one timeline.
type bisection struct {
	*app
	o           bisectOptions
	store, name string
	opened      *workspace.Store
	target      *workspace.Target
	recorded    *replay.Range // of the search that is resumed; nil: --from and --to, or the range behind the @
	toHead      bool
	unsaved     bool // it was said that the search can't be kept
}

// prepare opens what the bisection is about and resolves its range.
func (b *bisection) prepare(f foldFlags) (o bisect.Options, err error) {
	if b.target, err = b.app.target(b.opened, b.name, f); err != nil {
		return o, err
	}
	i, err := b.rangeOf(b.target)
	if err != nil {
		b.target.Close()
		return o, err
	}
	return bisect.Options{From: i.From, To: i.To}, nil
}

// rangeOf resolves the range that is searched.
func (b *bisection) rangeOf(t *workspace.Target) (i replay.Interval, err error) {
	r, err := b.rangeAsked(t)
	if err != nil {
		return i, err
	}
	b.toHead = r.To == replay.Head()
	if i, err = t.Resolve(b.ctx, r); err != nil {
		return i, err
	}
	if !i.From.IsStart() && (i.To.IsStart() || i.From.Version() > i.To.Version()) {
		return i, usagef("write the earlier point first", "the range ends at %s, before it begins at %s", i.To.Label(), i.From.Label())
	}
	return i, nil
}

// rangeAsked is the range of the record, of --from and --to, or behind the @.
func (b *bisection) rangeAsked(t *workspace.Target) (r replay.Range, err error) {
	switch {
	case b.recorded != nil:
		return *b.recorded, nil
	case b.o.from == "" && b.o.to == "":
		return t.Range(b.o.at)
	case t.HasAt && t.At != "":
		return r, usagef("write one of them", "a range behind the @ and --from or --to")
	}
	r = replay.Range{From: replay.Start(), To: replay.Head()}
	if b.o.from != "" {
		if r.From, err = replay.ParsePoint(b.o.from, b.env()); err != nil {
			return r, err
		}
	}
	if b.o.to != "" {
		r.To, err = replay.ParsePoint(b.o.to, b.env())
	}
	return r, err
}

// expression tests every state of the range.
func (b *bisection) expression() (*bisect.Result, error) {
	cond, err := b.condition(b.o.conditionFlags)
	if err != nil {
		return nil, err
	}
	o, err := b.prepare(b.o.foldFlags)
	if err != nil {
		return nil, err
	}
	defer b.target.Close()
	o.Explain = true
	bar := b.progress("events", rangeSize(b.target, o))
	o.Progress = func(replay.Version) { bar.Add(1) }
	ans, err := bisect.Run(b.ctx, b.target.Subject, cond, o)
	bar.Done()
	if err != nil {
		return nil, err
	}
	if ans.FromError != nil && ans.Verdict != bisect.Found {
		b.note("start", "the state before the first event was not judged: "+ans.FromError.Error())
	}
	b.notices(ans.AbsentMembers(b.o.bad + b.o.good))
	b.conditionWarnings(cond)
	b.target.NoteGuess()
	b.restsOn(b.target)
	return ans, nil
}

// rangeSize is about how many events are folded, or -1.
func rangeSize(t *workspace.Target, o bisect.Options) int64 {
	if t.Subject.Timeline.Many || o.To.IsStart() {
		return -1
	}
	n := int64(o.To.Version())
	if !o.From.IsStart() {
		n -= int64(o.From.Version())
	} else {
		n -= int64(t.Stream.First) - 1
	}
	return n
}

// folds compares two folds.
func (b *bisection) folds() (*bisect.Result, error) {
	sides := [2]*workspace.Target{}
	var o bisect.Options
	for i := range sides {
		f := b.o.foldFlags
		f.folds = f.folds[i : i+1]
		var err error
		if o, err = b.prepare(f); err != nil {
			return nil, err
		}
		defer b.target.Close()
		sides[i] = b.target
	}
	if !o.From.IsStart() {
		return nil, usagef("leave out where it begins", "two folds are compared from the first event on")
	}
	ans, err := bisect.Folds(b.ctx, sides[0].Subject, sides[1].Subject, o)
	if err == nil {
		b.restsOn(sides[0])
		sides[1].NoteWarnings()
	}
	return ans, err
}

// wording says how the answer is put, and what to type next.
func (b *bisection) wording(ans *bisect.Result) render.BisectOptions {
	w := render.BisectOptions{Old: b.o.termOld, New: b.o.termNew, ToHead: b.toHead}
	if len(b.o.folds) == 2 {
		w.Old, w.New = "alike", "different"
	}
	if ans.Culprit == nil {
		return w
	}
	name := func(m replay.Moment) string {
		if m.IsStart() {
			return m.Stream + "@start"
		}
		return fmt.Sprintf("%s@%d", m.Stream, m.Version())
	}
	next := func(args ...string) { w.Next = append(w.Next, "asof "+commandLine(append(args, b.o.foldArgs()...))) }
	if len(b.o.folds) == 2 {
		at := name(ans.After)
		w.Next = []string{
			"asof " + commandLine([]string{"show", b.store, at}),
			"asof " + commandLine([]string{"diff", b.store, at, "--fold", b.o.folds[0], "--fold", b.o.folds[1]}),
		}
		return w
	}
	next("show", b.store, name(ans.After))
	next("log", b.store, ans.Stream+"@.."+fmt.Sprint(ans.After.Version()), "-p")
	if b.o.given() {
		next(append([]string{"shrink", b.store, ans.Stream}, b.o.typed()...)...)
	}
	return w
}

// foldArgs are the flags that say how to fold, for the commands to type next.
func (f foldFlags) foldArgs() []string {
	how := f.Folding
	if len(f.folds) == 1 {
		how.Fold = f.folds[0]
	}
	return typedFold(how)
}
