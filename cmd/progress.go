package cmd

import (
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
)

// A progress is a bar on standard error. It appears only on a terminal, and only
// once the work has taken half a second. It may be advanced from several
// goroutines.
type progress struct {
	at   atomic.Int64
	stop chan struct{}
	over chan struct{}
}

const (
	progressAfter = 500 * time.Millisecond
	progressEvery = 100 * time.Millisecond
)

// progress returns a bar of so many things; with total -1 it is not known how
// many there are.
func (a *app) progress(what string, total int64) *progress {
	p := &progress{stop: make(chan struct{}), over: make(chan struct{})}
	if _, ok := a.Terminal(a.Err); !ok || a.json {
		close(p.over)
		return p
	}
	go func() {
		defer close(p.over)
		select {
		case <-p.stop:
			return
		case <-time.After(progressAfter):
		}
		bar := progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(a.Err), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionSetWidth(20),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(total > 0),
			progressbar.OptionUseANSICodes(false), progressbar.OptionEnableColorCodes(false))
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			at := p.at.Load()
			if total > 0 {
				at = min(at, total-1) // reaching the end would finish it
			}
			_ = bar.Set64(at) // a bar that can't be drawn is no reason to stop
			select {
			case <-p.stop:
				_ = bar.Clear()
				return
			case <-tick.C:
			}
		}
	}()
	return p
}

// Add notes that so many more are done.
func (p *progress) Add(n int64) { p.at.Add(n) }

// Done takes the bar away.
func (p *progress) Done() {
	close(p.stop)
	<-p.over
}
