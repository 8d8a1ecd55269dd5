#!/bin/sh
# Compiles the crate and its targets with coverage, and their dependencies as they are: they are not what is tested, and
# counting their every comparison makes a run three times as long. For `RUSTC_WRAPPER`.
compiler=$1
shift
case " $* " in
*" --crate-name ecg_panorama "* | *fuzz_targets/*)
    exec env RUSTC_BOOTSTRAP=1 "$compiler" "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing
    ;;
*) exec "$compiler" "$@" ;;
esac
