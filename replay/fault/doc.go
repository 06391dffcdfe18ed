// Package fault is what every error of asof knows: its class, and what to do next.
package fault
