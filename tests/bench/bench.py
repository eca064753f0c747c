"""Measures etcd-rescue beside etcdutl, bbolt and the machine's own floor. See scripts/bench."""
import argparse
import collections
import os
import re
import shutil
import subprocess
import sys

import measure

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
OURS = os.path.join(ROOT, 'build/release/src/cli/etcd-rescue')
PEERS = os.path.join(os.environ['RESCUE_PEERS'], 'bin')
FILES = {  # name: how tests/bench/makedb makes it, or what it is shuffled from
    'small': ['-mb', '380'],
    'medium': ['-mb', '2708'],
    'large': ['-mb', '10586'],
    'medium-shuffled': 'medium',
    'medium-fragmented': ['-mb', '2708', '-live', '1'],
}
SHA = 'openssl dgst -sha256'
RESTORE, CHECKED = 'restore --verify-written=none', 'restore --verify-written=all'
UTL = ('etcdutl 3.6', 'etcdutl 3.7')
RSS_LIMIT = 32  # MiB, of every command of ours
Target = collections.namedtuple('Target', 'factor against faster')  # `faster`: at least, else at most
Job = collections.namedtuple('Job', 'name command makes')


def faster(factor, *against):
    return [Target(factor, (other,), True) for other in against]


def sha_times(factor):
    return [Target(factor, (SHA,), False)]


BOTH_GO = Target(0, ('etcdutl 3.7 status', 'bbolt check'), True)
RESTORE_UTL = [f'{name} restore' for name in UTL]
TARGETS = {  # (files, cache, our run) -> what it must reach
    ('medium', 'warm', RESTORE): sha_times(1.10) + faster(3, *RESTORE_UTL),
    ('large', 'warm', RESTORE): sha_times(1.10) + faster(4, *RESTORE_UTL),
    ('medium large', 'cold', RESTORE): faster(1.8, *RESTORE_UTL),
    ('medium large', 'warm', CHECKED): faster(1.8, *RESTORE_UTL),
    ('medium-shuffled', 'warm', RESTORE): sha_times(1.15),
    ('medium-shuffled', 'warm', 'status'): sha_times(1.15),
    ('medium-shuffled', 'warm', 'verify'): sha_times(1.15),
    ('medium-fragmented', 'warm', RESTORE): sha_times(1.10),
    ('small medium large', 'warm', 'status'): sha_times(1.05),
    ('small medium large', 'warm', 'verify'): sha_times(1.05),
    ('medium large', 'cold', 'verify'): [BOTH_GO._replace(factor=20)],
    ('small medium large', 'warm', 'verify data directory'): [BOTH_GO._replace(factor=8)],
}


def peer(name):
    return os.path.join(PEERS, name)


def restore_jobs(snapshot, work, warm):
    out = os.path.join(work, 'restored')
    jobs = [Job(SHA, ['openssl', 'dgst', '-sha256', snapshot], None)]
    for name in (RESTORE, CHECKED):
        jobs.append(Job(name, [OURS, 'snapshot', 'restore', snapshot, '--data-dir', out, name.split()[1]], out))
    for name in UTL:
        command = [peer(name.replace(' ', '-')), 'snapshot', 'restore', snapshot, '--data-dir', out]
        jobs.append(Job(f'{name} restore', command, out))
    if warm:
        dd = ['dd', f'if={snapshot}', f'of={out}']
        jobs += [Job('dd bs=256K conv=fdatasync', dd + ['bs=256K', 'conv=fdatasync'], out),
                 Job('dd bs=1M oflag=direct', dd + ['bs=1M', 'oflag=direct', 'conv=fdatasync'], out)]
    return jobs


def go_checks(path):
    jobs = [Job(f'{name} status', [peer(name.replace(' ', '-')), 'snapshot', 'status', path], None) for name in UTL]
    return jobs + [Job('bbolt check', [peer('bbolt'), 'check', path], None)]


def check_jobs(snapshot):
    return [Job(SHA, ['openssl', 'dgst', '-sha256', snapshot], None),
            Job('status', [OURS, 'snapshot', 'status', snapshot], None),
            Job('verify', [OURS, 'verify', snapshot], None)] + go_checks(snapshot)


def directory_jobs(directory):
    return [Job('verify data directory', [OURS, 'verify', directory], None)] + \
        go_checks(os.path.join(directory, 'member/snap/db'))


def remove(path):
    if path and os.path.isdir(path):
        shutil.rmtree(path)
    elif path and os.path.exists(path):
        os.remove(path)


def run_contest(jobs, source, rounds, warm):
    """Runs every job once a round, each round beginning with another; gives name -> median, or the error."""
    samples = {job.name: [] for job in jobs}
    for number in range(rounds):
        for job in jobs[number % len(jobs):] + jobs[:number % len(jobs)]:
            if isinstance(samples[job.name], str):
                continue
            remove(job.makes)
            os.sync()
            if warm:
                measure.read_through(source)
            else:
                measure.drop_caches()
            try:
                samples[job.name].append(measure.run(job.command))
            except RuntimeError as error:
                print(error, file=sys.stderr)
                samples[job.name] = 'failed'
            remove(job.makes)
    return {name: s if isinstance(s, str) else measure.median(s) for name, s in samples.items()}


def verdicts(name, cache, run, results):
    """What the targets say of one of our runs, as text."""
    texts = []
    for (files, when, wanted_run), targets in TARGETS.items():
        if name not in files.split() or when != cache or wanted_run != run:
            continue
        for target in targets:
            others = [results.get(other) for other in target.against]
            if any(other is None or isinstance(other, str) for other in others):
                continue
            ratio, label = results[run].wall / sum(o.wall for o in others), ' + '.join(target.against)
            if target.faster:
                met = 1 / ratio >= target.factor
                texts.append(f'{1 / ratio:.1f} x faster than {label}, want {target.factor}: {"met" if met else "NOT MET"}')
            else:
                met = ratio <= target.factor
                texts.append(f'{ratio:.2f} x {label}, want {target.factor}: {"met" if met else "NOT MET"}')
    if results[run].rss > RSS_LIMIT:
        texts.append(f'more than {RSS_LIMIT} MiB: NOT MET')
    return '; '.join(texts)


def rows(name, size, cache, results):
    for run, result in results.items():
        ours = run.startswith(('restore', 'status', 'verify'))
        what = f'| {name}, {size / 1e9:.2f} GB, {cache} | {"**" + run + "**" if ours else run} '
        if isinstance(result, str):
            yield what + f'| {result} | | | |'
        else:
            text = verdicts(name, cache, run, results) if ours else ''
            yield what + f'| {result.wall:.2f} | {result.cpu:.2f} | {result.rss:.0f} | {text} |'


def bench_file(name, path, work, options):
    """All rows of one file; a restore by etcdutl gives the data directory to verify."""
    size = os.path.getsize(path)
    for cache in options.cache:
        warm = cache == 'warm'
        if 'restore' in options.what:
            yield from rows(name, size, cache, run_contest(restore_jobs(path, work, warm), path, options.rounds, warm))
        if 'check' in options.what:
            yield from rows(name, size, cache, run_contest(check_jobs(path), path, options.rounds, warm))
        if 'directory' in options.what:
            directory = os.path.join(work, 'directory')
            remove(directory)
            measure.run([peer('etcdutl-3.7'), 'snapshot', 'restore', path, '--data-dir', directory])
            jobs, db = directory_jobs(directory), os.path.join(directory, 'member/snap/db')
            yield from rows(name, size, cache, run_contest(jobs, db, options.rounds, warm))
            remove(directory)


def make_file(name, folder, makedb):
    path = os.path.join(folder, name + '.snap')
    if not os.path.exists(path):
        print(f'making {path}', file=sys.stderr)
        recipe = FILES[name]
        command = [makedb, 'new', *recipe, path + '.new']
        if isinstance(recipe, str):
            command = [makedb, 'shuffle', make_file(recipe, folder, makedb), path + '.new']
        subprocess.run(command, check=True)
        os.rename(path + '.new', path)
    return path


def machine():
    with open('/proc/cpuinfo', encoding='ascii') as file:
        model = re.search(r'model name\s*: (.*)', file.read())
    commit = subprocess.run(['git', '-C', ROOT, 'describe', '--always', '--dirty'], capture_output=True, text=True,
                            check=False).stdout.strip()
    return f'{os.cpu_count()} cores, {model.group(1) if model else "unknown CPU"}; commit {commit}'


def record(table):
    """Puts the table into docs/performance.md, in the place of the last one."""
    path = os.path.join(ROOT, 'docs/performance.md')
    with open(path, encoding='ascii') as file:
        text = file.read()
    text = re.sub(r'(<!-- table -->\n).*(<!-- end -->)', lambda m: m.group(1) + table + m.group(2), text, flags=re.S)
    with open(path, 'w', encoding='ascii') as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(prog='scripts/bench', description='Measures etcd-rescue beside the Go tools.')
    parser.add_argument('files', nargs='*', metavar='FILE', help=f'of {", ".join(FILES)} (default: small medium)')
    parser.add_argument('--what', nargs='+', default=['restore', 'check', 'directory'], help='contests')
    parser.add_argument('--cache', nargs='+', default=['warm'], help='warm, cold (needs root) or both')
    parser.add_argument('--rounds', type=int, default=5, help='runs of each command; the medians are shown')
    parser.add_argument('--dir', default=os.path.join(ROOT, 'build/bench'), help='where the files and outputs are')
    parser.add_argument('--record', action='store_true', help='write the table into docs/performance.md')
    parser.add_argument('--makedb', help=argparse.SUPPRESS)
    options = parser.parse_args()
    work = os.path.join(options.dir, 'work')
    os.makedirs(work, exist_ok=True)
    table = f'{machine()}; medians of {options.rounds}.\n\n' \
        '| file | run | wall s | CPU s | peak MiB | targets |\n|---|---|---|---|---|---|\n'
    print(table, end='')
    for name in options.files or ['small', 'medium']:
        for row in bench_file(name, make_file(name, options.dir, options.makedb), work, options):
            print(row, flush=True)
            table += row + '\n'
    shutil.rmtree(work)
    if options.record:
        record(table)


if __name__ == '__main__':
    main()
