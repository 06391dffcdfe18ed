package replay

import "errors"

// ErrDisorder ends an unsurveyed pass over a stream whose positions do not rise with
// versions: see [Whole.Survey].
var ErrDisorder = errors.New("a stream is out of version order")

// Trusting runs a pass that starts over when it is called. In most stores positions rise
// with versions, and a survey costs as much as reading. The first pass is unsurveyed; where
// it ends because a stream is out of order, or because a fold fails, which may be due to
// that, a second one follows that surveys.
func (w *Whole) Trusting(pass func(unsurveyed bool) error) error {
	if w.surveyed {
		return pass(false)
	}
	forget := w.Gaps.mark() // a version that comes late is not missing
	err := pass(true)
	if err == nil {
		return nil
	}
	forget()
	var failed *FoldError
	if errors.Is(err, ErrDisorder) || errors.As(err, &failed) {
		return pass(false)
	}
	return err
}

// rising passes events on as long as the versions of each stream rise.
func rising(yield func(*Event, error) bool) func(*Event, error) bool {
	last := map[StreamID]*Version{}
	return func(e *Event, err error) bool {
		if err != nil {
			return yield(e, err)
		}
		v := last[e.Stream]
		switch {
		case v == nil:
			v = new(Version)
			last[e.Stream] = v
		case e.Version < *v:
			yield(nil, ErrDisorder)
			return false
		}
		*v = e.Version
		return yield(e, nil)
	}
}
