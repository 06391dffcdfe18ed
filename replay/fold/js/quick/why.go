package quick

import (
	"runtime"
	"strings"
)

// Explain makes [Func.Why] name the place where a run gave up. f may be nil.
func (f *Func) Explain() {
	if f != nil {
		f.explains = true
	}
}

// Why returns why the last run left its event to the engine.
func (f *Func) Why() string {
	if !f.worthwhile() {
		return "it gave up too often"
	}
	return f.why
}

// gaveUpIn returns the name of the function that panicked. It is called while the panic is
// being recovered.
func gaveUpIn() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])])
	panicked := false
	for {
		f, more := frames.Next()
		if panicked {
			return f.Function[strings.LastIndexByte(f.Function, '/')+1:]
		}
		panicked = f.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}
