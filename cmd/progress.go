package cmd

import (
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
)

// A progress is a bar on standard error. It appears only on a terminal, after half a
// second of work. It is safe for concurrent use.
type progress struct {
	at   atomic.Int64
	stop chan struct{}
	over chan struct{}
}

const (
	progressAfter = 500 * time.Millisecond
	progressEvery = 100 * time.Millisecond
)

// progress returns a bar for total items, or for an unknown number if total is -1.
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
			progressbar.OptionSetWriter(a.barOut()), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionSetWidth(20),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(total > 0),
			progressbar.OptionSetSpinnerChangeInterval(0), // each Set64 draws it, and no goroutine that outlives the work
			progressbar.OptionUseANSICodes(false), progressbar.OptionEnableColorCodes(false))
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			at := p.at.Load()
			if total > 0 {
				at = min(at, total-1) // the bar finishes when it reaches the end
			}
			_ = bar.Set64(at) // the work matters more than the bar
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

// Add advances the bar by n items.
func (p *progress) Add(n int64) { p.at.Add(n) }

// Done removes the bar.
func (p *progress) Done() {
	close(p.stop)
	<-p.over
}
