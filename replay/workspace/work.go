package workspace

// A Meter shows progress. It is safe for concurrent use.
type Meter interface {
	Add(n int64)
	Done() // ends the meter, whether or not the work succeeded
}

// Work returns a meter for work on total items. If total is -1, their number is
// unknown.
func (w *Workspace) Work(what string, total int64) Meter {
	if w.work == nil {
		return noMeter{}
	}
	return w.work(what, total)
}

// Showing returns the workspace with the progress of its question shown by work, in
// place of the host's.
func (w *Workspace) Showing(work func(what string, total int64) Meter) *Workspace {
	q := *w
	q.work = work
	return &q
}

// noMeter is a meter that shows nothing.
type noMeter struct{}

func (noMeter) Add(int64) {}
func (noMeter) Done()     {}
