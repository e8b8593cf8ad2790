using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Tests;

public sealed class RunningTests
{
    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 1", 1)]
    [InlineData("exit 255", 255)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("kill -SEGV $$", 139)]
    [InlineData("kill -PIPE $$", 141)]
    public async Task The_exit_code_is_the_programs_or_128_and_the_signal(string script, int exitCode)
    {
        await using var rig = await AgentRig.StartAsync();

        var report = await rig.RunAsync(rig.Order("job", script));

        Assert.Equal(AttemptOutcome.Exited, report.Outcome);
        Assert.Equal(exitCode, report.ExitCode);
        Assert.Equal("reservation of job", report.ReservationId);
        Assert.Equal("123456789012/us-east-1/local", report.EnvironmentKey);
        Assert.NotNull(report.StartedAt);
        Assert.True(report.StartedAt <= report.StoppedAt);
        Assert.Null(report.Reason);
    }

    [Fact]
    public async Task A_start_is_reported_while_the_job_runs()
    {
        await using var rig = await AgentRig.StartAsync();

        var attempt = await rig.LaunchAsync(rig.Order("job", "exec sleep 1000"));

        var report = await rig.Session.Started(attempt);
        Assert.NotNull(report.StartedAt);
        Assert.Null(report.StoppedAt);
        Assert.Null(report.ExitCode);
    }

    [Fact]
    public async Task Arguments_arrive_as_given_without_a_shell()
    {
        await using var rig = await AgentRig.StartAsync();

        await rig.RunAsync(rig.Order("job") with { Command = ["/usr/bin/printf", "%s\\n", "$HOME `id` 'x y'", "", "ünï\tcode", "*"] });

        // The empty argument prints an empty line, and those are not shown.
        Assert.Equal(["$HOME `id` 'x y'", "ünï\tcode", "*"], await rig.LinesAsync("job"));
    }

    [Fact]
    public async Task The_environment_is_built_from_scratch_and_the_job_has_the_last_word()
    {
        Environment.SetEnvironmentVariable("SECRET_OF_THE_AGENT", "must not leak");
        await using var rig = await AgentRig.StartAsync(options =>
        {
            options.Environment["OPERATOR"] = "operator";
            options.Environment["BOTH"] = "operator";
            options.Environment["LANG"] = "C";
        });
        var order = rig.Order("job") with
        {
            Command = ["/usr/bin/env"],
            Environment = [new("BOTH", "first"), new("EMPTY", ""), new("BOTH", "last"), new("TEXT", "a=b c")],
        };

        await rig.RunAsync(order);

        var lines = await rig.LinesAsync("job");
        Assert.Contains("OPERATOR=operator", lines);
        Assert.Contains("BOTH=last", lines);
        Assert.Contains("EMPTY=", lines);
        Assert.Contains("TEXT=a=b c", lines);
        Assert.Contains("LANG=C", lines);
        Assert.Contains(lines, line => line.StartsWith("PATH=/", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("HOME=/", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("ORLEANSBATCH_ATTEMPT=", StringComparison.Ordinal) && line.EndsWith("/job/1", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("SECRET", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("DOTNET", StringComparison.Ordinal));
        Assert.Equal(lines.Length, lines.Select(line => line.Split('=')[0]).Distinct().Count());
    }

    [Fact]
    public async Task The_program_is_found_in_the_path_of_the_job()
    {
        await using var rig = await AgentRig.StartAsync();
        Directory.CreateDirectory(rig.PathTo("tools"));
        await File.WriteAllTextAsync(rig.PathTo("tools/my-tool"), "#!/bin/sh\necho found $0 $1\n");
        File.SetUnixFileMode(rig.PathTo("tools/my-tool"), (UnixFileMode)0b111_101_101);
        var order = rig.Order("job") with { Command = ["my-tool", "x"], Environment = [new("PATH", $"relative:/nowhere:{rig.PathTo("tools")}")] };

        await rig.RunAsync(order);

        Assert.Equal([$"found {rig.PathTo("tools")}/my-tool x"], await rig.LinesAsync("job"));
    }

    [Fact]
    public async Task Each_attempt_begins_in_an_empty_directory_that_is_gone_afterwards()
    {
        await using var rig = await AgentRig.StartAsync();
        const string Script = "pwd; ls -A | wc -l; mkdir -p a/b; ln -s / root; echo x > a/b/c";

        var one = await rig.RunAsync(rig.Order("with:3", Script));
        var other = await rig.RunAsync(rig.Order("with:3", Script) with { Attempt = new("with:3", 2), Log = AnOrder.LogOf("other") });

        Assert.Equal((0, 0), (one.ExitCode, other.ExitCode));
        var first = await rig.LinesAsync("with:3");
        var second = await rig.LinesAsync("other");
        Assert.StartsWith(rig.PathTo("agent/attempts/"), first[0], StringComparison.Ordinal);
        Assert.DoesNotContain(':', first[0]);
        Assert.NotEqual(first[0], second[0]);
        Assert.Equal(("0", "0"), (first[1], second[1]));
        await Eventually.True(() => !Directory.Exists(first[0]) && !Directory.Exists(second[0]));
        Assert.True(Directory.Exists("/etc"));
    }

    [Fact]
    public async Task A_directory_that_was_left_empty_serves_again_and_one_that_was_changed_does_not()
    {
        await using var rig = await AgentRig.StartAsync();
        await rig.RunAsync(rig.Order("empty", "pwd; touch x; rm x"));
        await rig.RunAsync(rig.Order("changed", "pwd; chmod 777 ."));
        var empty = (await rig.LinesAsync("empty"))[0];
        var changed = (await rig.LinesAsync("changed"))[0];
        HashSet<string> seen = [];

        // It rests for a while first; until then these get new ones.
        for (var number = 0; !seen.Contains(empty); number++)
        {
            await rig.RunAsync(rig.Order($"next-{number}", "pwd; ls -A"));
            seen.Add(Assert.Single(await rig.LinesAsync($"next-{number}")));
            Assert.True(number < 10_000, "It never came back.");
        }

        await Eventually.True(() => !Directory.Exists(changed));
        Assert.DoesNotContain(changed, seen);
    }

    [Fact]
    public async Task A_job_has_its_own_session_default_signals_and_no_descriptor_of_ours()
    {
        await using var rig = await AgentRig.StartAsync();

        await rig.RunAsync(rig.Order("job") with
        {
            Command = ["/bin/bash", "-c", "read -r line < /proc/self/stat; set -- $line; echo $1 $5 $6; ls /proc/$$/fd | wc -l; readlink /proc/$$/fd/0; grep -E 'Sig(Blk|Ign)' /proc/$$/status"],
        });

        var lines = await rig.LinesAsync("job");
        var numbers = lines[0].Split(' ');
        Assert.Equal(numbers[1], numbers[2]);

        // 0, 1, 2, and the one that bash keeps for itself at 255.
        Assert.True(int.Parse(lines[1], System.Globalization.CultureInfo.InvariantCulture) <= 4, lines[1]);
        Assert.Equal("/dev/null", lines[2]);
        Assert.Equal("SigBlk:\t0000000000000000", lines[3]);

        // The C library keeps 32 and 33 to itself, and ignores them in whatever it spawns.
        Assert.Equal("SigIgn:\t0000000180000000", lines[4]);
    }

    [Theory]
    [InlineData("no-such-program", "exec: \"no-such-program\": executable file not found in $PATH")]
    [InlineData("/no/such/program", "exec: \"/no/such/program\": no such file or directory")]
    [InlineData("/etc/passwd", "exec: \"/etc/passwd\": permission denied")]
    [InlineData("/tmp", "exec: \"/tmp\": permission denied")]
    [InlineData("", "no command specified")]
    [InlineData("a\0b", "an argument of the command contains a NUL character")]
    public async Task What_cannot_start_says_why_and_has_no_exit_code(string program, string reason)
    {
        await using var rig = await AgentRig.StartAsync();

        var report = await rig.RunAsync(rig.Order("job") with { Command = [program] });

        Assert.Equal(AttemptOutcome.FailedToStart, report.Outcome);
        Assert.Equal($"CannotStartContainerError: {reason}", report.Reason);
        Assert.Null(report.ExitCode);
        Assert.Null(report.StartedAt);
        Assert.NotNull(report.StoppedAt);
    }

    [Fact]
    public async Task Hopeless_orders_fail_one_by_one_and_harm_no_other()
    {
        await using var rig = await AgentRig.StartAsync();

        await rig.LaunchAsync(
            rig.Order("nothing") with { Command = [] },
            rig.Order("long") with { Command = ["/bin/true", new string('x', 200_000)] },
            rig.Order("name") with { Environment = [new("A=B", "c")] },
            rig.Order("nul") with { Environment = [new("A", "b\0C=d")] },
            rig.Order("half") with { Command = ["/bin/echo", "\ud800"] },
            rig.Order("good"));

        Assert.Equal("CannotStartContainerError: no command specified", (await rig.Session.Ended(new("nothing", 1))).Reason);
        Assert.Equal("CannotStartContainerError: exec: \"/bin/true\": argument list too long", (await rig.Session.Ended(new("long", 1))).Reason);
        Assert.Contains("'A=B'", (await rig.Session.Ended(new("name", 1))).Reason, StringComparison.Ordinal);
        Assert.Contains("NUL", (await rig.Session.Ended(new("nul", 1))).Reason, StringComparison.Ordinal);
        Assert.Equal(0, (await rig.Session.Ended(new("half", 1))).ExitCode);
        Assert.Equal(0, (await rig.Session.Ended(new("good", 1))).ExitCode);
    }

    [Fact]
    public async Task What_a_job_leaves_in_its_group_dies_with_it()
    {
        await using var rig = await AgentRig.StartAsync();

        var report = await rig.RunAsync(rig.Order("job", "sleep 1000 & echo $!; exit 3"));

        Assert.Equal(3, report.ExitCode);
        var left = int.Parse((await rig.LinesAsync("job"))[0], System.Globalization.CultureInfo.InvariantCulture);
        await Eventually.True(() => Processes.ProcessStatus.Read(left) is null or { IsDead: true });
    }
}
