// Package fault defines what every error of asof carries: its class and its remedy.
package fault
