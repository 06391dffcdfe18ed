package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"asof/cmd/render"
	"asof/inspect"
	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/state"
)

// ask searches by asking. rec is a search to go on with; without one, the last
// search is gone on with if it was the same.
func (b *bisection) ask(rec *sessionRecord) (*bisect.Result, error) {
	if b.json && rec == nil {
		return nil, usagef("give --bad, --good or --run", "there is nobody to ask under --json")
	}
	n, err := b.session(rec)
	if err != nil {
		return nil, err
	}
	defer b.target.Close()
	if rec == nil {
		b.goOn(n)
	} else if err := rec.apply(n); err != nil {
		return nil, err
	}
	record := b.record(n)
	b.save(record)
	d := dialogue{bisection: b, n: n, record: record, lines: readLines(b.ctx, b.In)}
	if err := d.run(); err != nil {
		return nil, err
	}
	ans, err := n.Answer(b.ctx, "as answered")
	if err != nil {
		return nil, err
	}
	b.target.NoteGuess()
	b.restsOn(b.target)
	return ans, nil
}

// session prepares the search: of the range that was asked for, or of a record.
func (b *bisection) session(rec *sessionRecord) (*bisect.Session, error) {
	if rec != nil {
		b.o.from, b.o.to = "start", "start"
		if rec.From != nil {
			b.o.from = replay.AtVersion(replay.Version(*rec.From)).String()
		}
		if rec.To != nil {
			b.o.to = replay.AtVersion(replay.Version(*rec.To)).String()
		}
	}
	o, err := b.prepare(b.o.foldFlags)
	if err != nil {
		return nil, err
	}
	n, err := bisect.NewSession(b.ctx, b.target.Subject, o.From, o.To)
	if err != nil {
		b.target.Close()
	}
	return n, err
}

// goOn takes up the last search, if it was this one and had not ended.
func (b *bisection) goOn(n *bisect.Session) {
	last, _, err := b.lastSession()
	if err != nil || last == nil {
		return // it is about to be replaced
	}
	now := b.record(n)
	same := last.Store == now.Store && last.Stream == now.Stream && last.Run == "" && last.Projection == now.Projection &&
		strings.Join(last.Folds, "\x00") == strings.Join(now.Folds, "\x00") &&
		equalVersions(last.From, now.From) && equalVersions(last.To, now.To)
	if !same || len(last.marks) == 0 || last.apply(n) != nil {
		n.Search = bisect.NewSearch(n.Len())
		return
	}
	if _, more := n.Search.Next(); !more {
		n.Search = bisect.NewSearch(n.Len())
		return
	}
	b.note("session", "going on with the last search; asof bisect reset begins anew")
}

func equalVersions(a, b *int64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// readLines reads lines in a goroutine of its own, which Ctrl-C need not wait
// for. The channel ends with the input.
func readLines(ctx context.Context, r io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		s := bufio.NewScanner(r)
		for s.Scan() {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// A dialogue asks about one state after the other, on standard error: standard
// output is for the answer.
type dialogue struct {
	*bisection
	n      *bisect.Session
	record *sessionRecord
	lines  <-chan string
}

// errStop is that the user wants to stop here.
var errStop = errors.New("stop")

func (d *dialogue) run() error {
	for place, more := d.n.Search.Next(); more; place, more = d.n.Search.Next() {
		err := d.question(place)
		if errors.Is(err, errStop) {
			d.note("session", "stopped; the same command goes on from here")
			return nil
		}
		if err != nil {
			return err
		}
		d.save(d.record)
	}
	return nil
}

// question shows a state and takes one answer.
func (d *dialogue) question(place int) error {
	m, err := d.n.Moment(d.ctx, place)
	if err != nil {
		return err
	}
	st, err := d.n.State(d.ctx, place)
	if err != nil {
		return err
	}
	since, good, known, err := d.n.LastGood(d.ctx)
	if err != nil {
		return err
	}
	q := render.Question{At: m, State: st, HasGood: known, Since: since}
	if known {
		q.Changes = state.Diff(good, st, state.DiffOptions{ArrayKeys: d.target.How.ArrayKeys})
	}
	q.Left, q.Tests = d.n.Search.Left()
	q.Old, q.New = d.term(bisect.MarkGood), d.term(bisect.MarkBad)
	d.show(func(p *render.Printer) { p.Asked(q) })
	for {
		d.show(func(p *render.Printer) { p.Prompt(q) })
		var line string
		var ok bool
		select {
		case line, ok = <-d.lines:
		case <-d.ctx.Done():
			return d.ctx.Err()
		}
		if !ok {
			fmt.Fprintln(d.Err) // the line of the prompt was not ended
			return errStop
		}
		again, err := d.answer(strings.TrimSpace(line), place, q)
		if err != nil || !again {
			return err
		}
	}
}

// answer takes one line. again is true when it was no answer to the question.
func (d *dialogue) answer(line string, place int, q render.Question) (again bool, err error) {
	mark := bisect.Mark("")
	switch strings.ToLower(line) {
	case "g", "good", strings.ToLower(q.Old):
		mark = bisect.MarkGood
	case "b", "bad", strings.ToLower(q.New):
		mark = bisect.MarkBad
	case "s", "skip":
		mark = bisect.MarkSkip
	case "u", "undo", "back":
		if !d.n.Search.Back() {
			d.note("session", "there is nothing to take back")
			return true, nil
		}
		return false, nil
	case "d", "diff":
		d.show(func(p *render.Printer) { p.Asked(q) })
		return true, nil
	case "p", "state":
		d.show(func(p *render.Printer) { p.State(q.State) })
		return true, nil
	case "e", "event":
		return true, d.event(q.At)
	case "q", "quit":
		return false, errStop
	default:
		d.show(func(p *render.Printer) { p.AnswerHelp(q) })
		return true, nil
	}
	if err := d.n.Mark(place, mark); err != nil {
		d.note("session", err.Error())
		return true, nil
	}
	return false, nil
}

// event shows the event behind a state.
func (d *dialogue) event(at replay.Moment) error {
	if at.IsStart() {
		d.note("session", "this is the state before the first event")
		return nil
	}
	ans, err := inspect.Show(d.ctx, d.target.Subject, at)
	if err != nil {
		return err
	}
	d.show(func(p *render.Printer) { p.Shown(ans) })
	return nil
}

// show prints something of the dialogue.
func (d *dialogue) show(print func(*render.Printer)) {
	width, _ := d.Terminal(d.Err)
	p := render.New(d.Err, render.Options{Color: d.colour(d.Err), Width: width, Zone: d.zone})
	print(p)
	_ = p.Flush() // reading the answer will show whether anybody is there
}
