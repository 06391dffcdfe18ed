//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// A kase is a measured command.
type kase struct {
	name   string
	group  string // cases are compared with the first case of their group
	events int    // number of events; 0: no time per event is printed
	env    []string
	args   []string
	before func() error // runs before each measurement; may be nil
	answer string       // cases with the same name here must print the same JSON
	keep   bool         // another case reads what it printed
	exit   int          // the exit code of its answer, as 1 of a check that finds a violation
	screen *screen      // it runs on a terminal; nil: it does not

	runs []sample
	peak int64 // bytes
	out  []byte
}

// A sample is the time of one run.
type sample struct {
	wall, cpu time.Duration // cpu is the user time of the process and its children
}

func wall(s sample) time.Duration { return s.wall }
func cpu(s sample) time.Duration  { return s.cpu }

func (k *kase) measure() error {
	if k.before != nil {
		if err := k.before(); err != nil {
			return err
		}
	}
	if k.screen != nil {
		return k.measureScreen()
	}
	c := exec.Command(k.args[0], k.args[1:]...)
	c.Env = append(os.Environ(), k.env...)
	var out, errs bytes.Buffer
	c.Stderr = &errs
	if k.answer != "" || k.keep { // anything else goes to the null device: an export would fill the memory
		c.Stdout = &out
	}
	start := time.Now()
	err := c.Run()
	took := time.Since(start)
	if err := k.exited(c, err); err != nil {
		return fmt.Errorf("%w\n%s", err, errs.Bytes())
	}
	k.runs = append(k.runs, sample{wall: took, cpu: c.ProcessState.UserTime()})
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peak := int64(u.Maxrss)
		if runtime.GOOS != "darwin" {
			peak *= 1024
		}
		k.peak = max(k.peak, peak)
	}
	k.out = out.Bytes()
	return nil
}

// exited returns an error if the command did not run, or ended with another exit code than
// that of the case.
func (k *kase) exited(c *exec.Cmd, err error) error {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if code := c.ProcessState.ExitCode(); code != k.exit {
		return fmt.Errorf("%s, not exit code %d", c.ProcessState, k.exit)
	}
	return nil
}

// sorted returns the times of the runs in ascending order.
func (k *kase) sorted(of func(sample) time.Duration) []time.Duration {
	all := make([]time.Duration, len(k.runs))
	for i, r := range k.runs {
		all[i] = of(r)
	}
	slices.Sort(all)
	return all
}

func median[T any](sorted []T) T { return sorted[len(sorted)/2] }

// against returns the ratio of the times per event of k and base. It compares runs of
// the same round, so that a temporary load of the machine affects both. ok is false if
// a time of base is 0, as for a short user CPU time, which the system measures coarsely.
func (k *kase) against(base *kase, of func(sample) time.Duration) (ratio float64, ok bool) {
	ratios := make([]float64, len(k.runs))
	for i, r := range k.runs {
		if of(base.runs[i]) == 0 {
			return 0, false
		}
		ratios[i] = float64(of(r)) / float64(of(base.runs[i]))
		if k.events > 0 && base.events > 0 {
			ratios[i] *= float64(base.events) / float64(k.events)
		}
	}
	slices.Sort(ratios)
	return median(ratios), true
}

// sameAnswers checks that asof and its peers print the same states.
func sameAnswers(cases []*kase) error {
	want := map[string]any{}
	for _, c := range cases {
		if c.answer == "" {
			continue
		}
		var v any
		if err := json.Unmarshal(c.out, &v); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if o, ok := v.(map[string]any); ok && o["moment"] != nil { // an answer of asof
			v = o["state"]
		}
		if first, ok := want[c.answer]; !ok {
			want[c.answer] = v
		} else if !reflect.DeepEqual(first, v) {
			return fmt.Errorf("%s: the answer differs from asof's", c.name)
		}
	}
	return nil
}
