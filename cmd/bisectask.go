package cmd

import (
	"asof/inspect/ask"
	"asof/replay/workspace"
)

// runBisectAsk searches by asking the user. It resumes the last search if that was the
// same.
func (a *app) runBisectAsk(o bisectOptions) error {
	if a.json {
		return usagef("give --bad, --good or --run", "--json cannot ask questions")
	}
	o.Copy = true // writers must not wait while the user thinks
	return a.converse(o, func(s *workspace.Store) (*ask.Session, error) {
		n, err := o.Open(a.ctx, s)
		if err != nil {
			return nil, err
		}
		if last, _, err := a.lastSession(); err == nil && last != nil && n.Continue(last) {
			a.note("session", "resuming the last search; asof bisect reset starts over")
		}
		return n, nil
	})
}

// converse asks about one state after another and prints the answer.
func (a *app) converse(o bisectOptions, open func(*workspace.Store) (*ask.Session, error)) error {
	return a.work().Read(a.ctx, o.In(), func(s *workspace.Store) error {
		n, err := open(s)
		if err != nil {
			return err
		}
		defer n.Close()
		a.unpaged()
		d := dialogue{app: a, n: n, keep: sessionFile{app: a}, lines: readLines(a.ctx, a.In)}
		d.keep.save(n.Record())
		if err := d.run(); err != nil {
			return err
		}
		ans, err := n.Conclude(a.ctx, "as answered")
		if err != nil {
			return err
		}
		return a.bisected(o)(ans)
	})
}
