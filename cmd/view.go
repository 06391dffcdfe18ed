package cmd

import (
	"errors"
	"iter"

	"asof/cmd/render"
	"asof/inspect"
	"asof/inspect/ask"
	"asof/inspect/audit"
	"asof/inspect/bisect"
	"asof/inspect/live"
	"asof/inspect/mine"
	"asof/inspect/scaffold"
	"asof/inspect/whatif"
	"asof/inspect/why"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
)

// A view prints answers on standard output: as text, or as the JSON contract under
// --json. It has a method for each kind of answer.
type view struct {
	text *render.Printer
	json *wire.Writer // nil: text
}

// out returns a view on standard output.
func (a *app) out() *view {
	width, _ := a.Terminal(a.Out)
	o := render.Options{Color: a.useColor(a.Out) && !a.json, Width: width, Zone: a.zone, Guessed: a.guessed()}
	v := &view{text: render.New(a.Out, o)}
	if a.json {
		v.json = wire.NewWriter(a.Out)
		if a.rows != nil {
			v.json.Only(a.rows)
		}
	}
	return v
}

// Flush writes the buffered output and returns the first error of any write.
func (v *view) Flush() error {
	err := v.text.Flush()
	if v.json != nil {
		err = errors.Join(err, v.json.Flush())
	}
	return err
}

// Err returns the first error of any write so far.
func (v *view) Err() error {
	if v.json != nil {
		return v.json.Err()
	}
	return v.text.Err()
}

// printJSON prints an answer that has no text form of its own.
func (a *app) printJSON(answer any) error {
	w := wire.NewWriter(a.Out)
	_ = w.Line(answer) // Flush returns its error
	return w.Flush()
}

// show prints one answer. The view keeps a write error.
func show[A, B any](v *view, answer A, json func(A) B, text func(*render.Printer, A)) {
	if v.json == nil {
		text(v.text, answer)
		return
	}
	x := json(answer)
	_ = v.json.Line(&x)
}

// as returns an answer that is already its JSON form.
func as[A any](answer A) A { return answer }

// list prints answers as they arrive, one line each in JSON.
func list[A, B any](v *view, seq iter.Seq2[A, error], json func(A) B, text func(iter.Seq2[A, error]) error) error {
	if v.json == nil {
		return text(seq)
	}
	return wire.Lines(v.json, seq, func(one A) any {
		x := json(one)
		return &x
	})
}

func (v *view) Info(i replay.Info, s replay.Summary) {
	show(v, i, func(i replay.Info) wire.Info { return wire.NewInfo(i, s) }, func(p *render.Printer, i replay.Info) { p.Info(i, s) })
}

// Init prints the files under --print, or else what was written.
func (v *view) Init(d *scaffold.Draft, o initOptions) {
	show(v, d, func(d *scaffold.Draft) wire.Init {
		x := wire.NewInit(d, !o.print)
		for i := range x.Next {
			x.Next[i] = append([]string{"asof"}, x.Next[i]...)
		}
		return x
	}, func(p *render.Printer, d *scaffold.Draft) {
		if o.print {
			p.Files(d)
		} else {
			p.Init(d, o.Dir)
		}
	})
}

func (v *view) Streams(seq iter.Seq2[ask.StreamLine, error]) error {
	return list(v, seq, ask.StreamLine.JSON, func(seq iter.Seq2[ask.StreamLine, error]) error {
		return v.text.Streams(func(yield func(replay.Stream, error) bool) {
			for line, err := range seq {
				if !yield(line.Stream, err) {
					return
				}
			}
		})
	})
}

func (v *view) Log(seq iter.Seq2[*inspect.Entry, error], o render.LogOptions) error {
	if v.json != nil {
		return v.json.Log(seq, o.Changes)
	}
	return v.text.Log(seq, o)
}

func (v *view) Shown(s *inspect.Shown) { show(v, s, wire.NewShown, (*render.Printer).Shown) }

// Replayed prints a state. It fails, and prints nothing, if path doesn't exist.
func (v *view) Replayed(r *inspect.Replayed, path state.Path) error {
	if v.json == nil {
		return v.text.Replayed(r, path)
	}
	x, err := wire.NewReplayed(r, path)
	if err != nil {
		return err
	}
	_ = v.json.Line(&x) // the view keeps the error
	return nil
}

// Step must be called before the next step is made.
func (v *view) Step(s *ask.Step) error {
	if v.json == nil {
		return v.text.Step(&s.Step, s.Moment)
	}
	x := s.JSON()
	return v.json.Line(&x)
}

func (v *view) Effect(e ask.Effect) {
	show(v, e, ask.Effect.JSON, func(p *render.Printer, e ask.Effect) { p.Effect(e.Moment, wire.Emitted(e.Effect)) })
}

// Diffed prints a difference. A patch keeps its standard form under --json; a
// side-by-side diff has no JSON form and becomes the list of changes.
func (v *view) Diffed(d *inspect.Diffed, form render.DiffForm) error {
	if v.json == nil || form == render.DiffPatch || form == render.DiffMergePatch {
		return v.text.Diffed(d, form)
	}
	x := wire.NewDiffed(d, form == render.DiffStat)
	_ = v.json.Line(&x) // the view keeps the error
	return nil
}

func (v *view) AllDiffed(d *ask.AllDiffed) {
	show(v, d, (*ask.AllDiffed).JSON, func(p *render.Printer, d *ask.AllDiffed) { p.AllDiffed(d.AllDiffed) })
}

func (v *view) Blamed(b *inspect.Blamed, next [][]string) {
	if v.json == nil {
		v.text.Blamed(b)
		v.text.Next(next)
		return
	}
	_ = v.json.Blamed(b, next) // the view keeps the error
}

// History prints the events that set a path, one line each in JSON. The head is read once
// the first of them is there.
func (v *view) History(seq iter.Seq2[*inspect.Entry, error], h *ask.HistoryHead) error {
	if v.json != nil {
		return wire.Lines(v.json, seq, func(e *inspect.Entry) any { return wire.NewHistoryEntry(e) })
	}
	return v.text.History(seq, func() render.HistoryHead { return render.HistoryHead(*h) })
}

func (v *view) Gone(g *inspect.Gone) { show(v, g, wire.NewGone, (*render.Printer).Gone) }

// Traced prints the chain of causes, or with whole all that is connected. JSON has all.
func (v *view) Traced(t *ask.Traced, whole bool) {
	show(v, t, (*ask.Traced).JSON, func(p *render.Printer, t *ask.Traced) { p.Traced(t.Traced, whole) })
}

func (v *view) Why(a *why.Answer, o render.WhyOptions) {
	show(v, a, func(a *why.Answer) wire.Why {
		x := wire.NewWhy(a)
		x.Next = o.Next
		return x
	}, func(p *render.Printer, a *why.Answer) { p.Why(a, o) })
}

func (v *view) Bisected(b *bisect.Result, o render.BisectOptions) {
	show(v, b, func(b *bisect.Result) wire.Bisected {
		x := wire.NewBisected(b)
		x.Next = o.Next
		return x
	}, func(p *render.Printer, b *bisect.Result) { p.Bisected(b, o) })
}

func (v *view) BisectedAll(c *ask.Checked, o render.CheckOptions) {
	o.Part, o.Explained = c.Page(), c.Explained
	show(v, c, checkedNext(o.Next), func(p *render.Printer, c *ask.Checked) { p.BisectedAll(c.Result, o) })
}

func (v *view) Checked(c *ask.Checked, o render.CheckOptions) {
	o.Part, o.Explained = c.Page(), c.Explained
	show(v, c, checkedNext(o.Next), func(p *render.Printer, c *ask.Checked) { p.Checked(c.Result, o) })
}

// Mined prints the rules that a history suggests.
func (v *view) Mined(r *mine.Result, next [][]string) {
	show(v, r, func(r *mine.Result) wire.Mined {
		x := wire.NewMined(r)
		x.Next = next
		return x
	}, func(p *render.Printer, r *mine.Result) { p.Mined(r, next) })
}

// Materialized prints what a read model is now.
func (v *view) Materialized(m *ask.Materialized, next [][]string) {
	show(v, m, (*ask.Materialized).JSON, func(p *render.Printer, m *ask.Materialized) { p.Materialized(m, next) })
}

// Drifted prints the comparison of a read model with the states that replay gives.
func (v *view) Drifted(d *ask.Drifted, next [][]string) {
	show(v, d, (*ask.Drifted).JSON, func(p *render.Printer, d *ask.Drifted) { p.Drift(d, next) })
}

// LiveChecked prints the comparison of rows with their history.
func (v *view) LiveChecked(r *live.Result, o render.LiveOptions) {
	show(v, r, func(r *live.Result) wire.Live {
		x := wire.NewLive(r)
		x.Next = o.Next
		return x
	}, func(p *render.Printer, r *live.Result) { p.LiveChecked(r, o) })
}

// checkedNext returns the JSON of a check with the commands to try next.
func checkedNext(next [][]string) func(*ask.Checked) wire.Checked {
	return func(c *ask.Checked) wire.Checked {
		x := c.JSON()
		x.Next = next
		return x
	}
}

func (v *view) Imagined(w *whatif.Result) { show(v, w, wire.NewImagined, (*render.Printer).Imagined) }

func (v *view) Reported(r *ask.Reported) {
	show(v, r, func(r *ask.Reported) wire.Reported { return wire.NewReported(r.File, r.Bytes, r.Report, r.Survivors) }, (*render.Printer).Reported)
}

func (v *view) Shrunk(s *whatif.Shrunk, next [][]string) {
	show(v, s, func(s *whatif.Shrunk) wire.Shrunk {
		x := wire.NewShrunk(s)
		x.Next = next
		return x
	}, func(p *render.Printer, s *whatif.Shrunk) { p.Shrunk(s, next) })
}

func (v *view) Cache(c wire.Cache) (err error) {
	show(v, c, as, func(p *render.Printer, c wire.Cache) { err = p.Cache(c) })
	return err
}

func (v *view) StatesProved(s wire.StatesProof) { show(v, s, as, (*render.Printer).StatesProved) }

func (v *view) ScanProved(s wire.ScanProof) { show(v, s, as, (*render.Printer).ScanProved) }

func (v *view) Keygen(file, vkey string) {
	show(v, file, func(file string) wire.Keygen {
		x := wire.NewKeygen(file, vkey)
		x.Next = render.KeygenNext(file)
		return x
	},
		func(p *render.Printer, file string) { p.Keygen(file, vkey) })
}

func (v *view) Exported(x *audit.Exported) {
	show(v, x, func(x *audit.Exported) wire.Exported {
		all := wire.NewExported(x)
		all.Next = render.ExportedNext(x)
		return all
	}, (*render.Printer).Exported)
}

func (v *view) Verified(x *audit.Verified) { show(v, x, wire.NewVerified, (*render.Printer).Verified) }

func (v *view) Proved(x *audit.Proof, file string) {
	show(v, x, func(x *audit.Proof) wire.Proved {
		all := wire.NewProved(x, file)
		all.Next = render.ProvedNext(file)
		return all
	},
		func(p *render.Printer, x *audit.Proof) { p.Proved(x, file) })
}

// Sampled prints the events drawn from total; JSON has one proof per line.
func (v *view) Sampled(ps []*audit.Proof, total int64, next [][]string) {
	if v.json == nil {
		v.text.Sampled(ps, total, next)
		return
	}
	for i, x := range ps {
		line := wire.NewProof(x)
		if i == len(ps)-1 {
			line.Next = next
		}
		_ = v.json.Line(&line) // the view keeps the error
	}
}

func (v *view) Sealed(s *audit.Sealed) { show(v, s, wire.NewSealed, (*render.Printer).Sealed) }
