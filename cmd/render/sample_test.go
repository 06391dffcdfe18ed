package render

import (
	"errors"
	"iter"
	"strings"
	"testing"

	"asof/inspect"
	"asof/inspect/sample"
	"asof/replay"
	"asof/replay/state"
)

// An answer is one of each kind, as the goldens hold them.
type answer struct {
	name  string
	print func(t testing.TB, p *Printer) error
}

func answers() []answer {
	diff := func(form DiffForm) func(testing.TB, *Printer) error {
		return func(t testing.TB, p *Printer) error { return p.Diffed(sample.Diff(), form) }
	}
	return append(whoAnswers(), []answer{
		{"info", func(_ testing.TB, p *Printer) error { p.Info(sample.Info()); return nil }},
		{"streams", func(_ testing.TB, p *Printer) error { return p.Streams(sample.Streams) }},
		{"log", func(t testing.TB, p *Printer) error { return p.Log(sample.Log(nil), LogOptions{}) }},
		{"log-many", func(t testing.TB, p *Printer) error { return p.Log(ofMany(sample.Log(nil)), LogOptions{}) }},
		{"log-changes", func(t testing.TB, p *Printer) error { return p.Log(sample.Log(nil), LogOptions{Changes: true}) }},
		{"show", func(t testing.TB, p *Printer) error {
			shown, _ := sample.Shown()
			p.Shown(shown)
			return nil
		}},
		{"show-failed", func(_ testing.TB, p *Printer) error {
			_, failed := sample.Shown()
			p.Shown(failed)
			return nil
		}},
		{"replay", func(t testing.TB, p *Printer) error { return p.Replayed(sample.Replayed(), state.Path{}) }},
		{"replay-path", func(t testing.TB, p *Printer) error {
			return p.Replayed(sample.Replayed(), state.Path{Pointer: "/items/1"})
		}},
		{"replay-note", func(t testing.TB, p *Printer) error { p.Note(p.ReplayedNote(sample.Replayed())); return nil }},
		{"step", func(t testing.TB, p *Printer) error {
			for i, e := range sample.Events()[:2] {
				if err := p.Step(&replay.Step{Event: e, Root: sample.Parse(sample.CartBefore), Handled: i == 0}, e.Moment()); err != nil {
					return err
				}
			}
			return nil
		}},
		{"diff", diff(DiffChanges)},
		{"diff-stat", diff(DiffStat)},
		{"diff-patch", diff(DiffPatch)},
		{"diff-merge-patch", diff(DiffMergePatch)},
		{"diff-side-by-side", diff(DiffSideBySide)},
		{"diff-none", func(t testing.TB, p *Printer) error {
			d := sample.Diff()
			d.From, d.Changes, d.FromFold, d.Events = replay.Moment{Stream: "cart-42", Position: replay.NoPosition}, nil, "old.js", 0
			return p.Diffed(d, DiffChanges)
		}},
		{"changes-hard", func(t testing.TB, p *Printer) error { cs := hardChanges(t); p.changes(cs, 2, len(cs)); return nil }},
		{"asked", func(t testing.TB, p *Printer) error {
			p.Asked(askedOf(hardChanges(t)), false)
			p.Prompt(askedOf(nil))
			return nil
		}},
		{"error", func(_ testing.TB, p *Printer) error {
			p.Error(Failure{
				Verb: "replay shop.db", Err: errors.New("folds/cart.js failed at cart-42@17 (ItemAdded): x is not defined\x1b[2J"),
				Hint: "asof show shop.db cart-42@17 shows the event", Source: "folds/cart.js:3:2\n\tx.total = 1\n\t^",
			})
			return nil
		}},
	}...)
}

// hardChanges are changes that are hard to print well, or safely.
func hardChanges(t testing.TB) []state.Change {
	long := strings.Repeat("All work and no play makes Jack a dull boy. ", 300)
	deepPath := strings.Repeat("/deeper", 10_000)
	deep := strings.Repeat(`{"a":[`, 5_000) + strings.Repeat(`]}`, 5_000)
	huge := "[" + strings.Repeat("12345,", 99_999) + "0]"
	str := state.StringValue
	change := func(path string, from, to state.Value) state.Change {
		c := state.Change{Op: state.OpReplace, Path: path, From: from, To: to}
		if from.IsAbsent() {
			c.Op = state.OpAdd
		} else if to.IsAbsent() {
			c.Op = state.OpRemove
		}
		return c
	}
	none := state.Value{}
	return []state.Change{
		change("", none, sample.Parse(`{"a":1}`)),
		change("/evil\x1b[2J~1\n", str("\x1b]0;title\a"), str("\u202egnp.exe\u200b\u0301")),
		change("/status", str("open"), str("opened")),
		change("/total", state.NumberValue("3"), str("3")),
		change("/gone", state.NullValue(), state.BoolValue(true)),
		change("/text", str(long), str(strings.Replace(long, "play makes Jack", "tea makes Ada", 1))),
		change("/tail", str(long+"one"), str(long+"two")),
		change("/texts", str(long), str(strings.ToUpper(long))),
		change("/lines", str("one\ntwo\tthree\nfour"), str("one\n2\tthree\nfour")),
		change("/long", none, str(long)),
		change("/digits", none, state.NumberValue(strings.Repeat("1234567890", 5000))),
		change("/wide", str("東京都千代田区丸の内一丁目一番地"), str("東京都千代田区丸の内二丁目一番地")),
		change("/emoji", str("👍🏽 ok"), str("👩‍👩‍👧 ok")),
		change("/brackets", str("a [-x-] some common text b"), str("a [-x-] some common text c")),
		change(deepPath, state.NumberValue("1"), state.NumberValue("2")),
		change("/deep", none, sample.Parse(deep)),
		change("/huge", sample.Parse(huge), none),
		change("/kind", sample.Parse(`{"a":[1,2,3],"b":{"c":"a rather long string that does not leave much room"}}`), sample.Parse(`[]`)),
		change("/address", state.NullValue(), sample.Parse(`{"name":"Dmitri Evans","email":"customer-3@example.com","street":"Salamanca Place 73","city":"Hobart"}`)),
		change("/items/0/options/wrapping/ribbon/colour/of/the/second/layer/of/paper", none, str("red with small green dots, as in the picture")),
	}
}

// ofMany is a log as one of many streams.
func ofMany(seq iter.Seq2[*inspect.Entry, error]) iter.Seq2[*inspect.Entry, error] {
	return func(yield func(*inspect.Entry, error) bool) {
		for e, err := range seq {
			if e != nil {
				e.Many = true
			}
			if !yield(e, err) {
				return
			}
		}
	}
}
