package workspace

// A Meter shows how far work has come. It may be used by several goroutines.
type Meter interface {
	Add(n int64)
	Done() // the work has ended, with or without success
}

// Work returns a meter of work on this many things. If total is -1, their number is
// not known.
func (w *Workspace) Work(what string, total int64) Meter {
	if w.host.Work == nil {
		return noMeter{}
	}
	return w.host.Work(what, total)
}

// noMeter is the meter of work that nobody watches.
type noMeter struct{}

func (noMeter) Add(int64) {}
func (noMeter) Done()     {}
