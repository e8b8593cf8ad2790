namespace OrleansBatch.Client.Tests;

public abstract partial class ConsoleSuite
{
    public static TheoryData<string> Commands =>
    [
        "", "run", "submit", "jobs", "describe", "logs", "cancel", "terminate", "wait",
        "queues", "queues create", "queues update", "queues delete", "queues variables",
        "environments", "environments create", "environments update", "environments delete", "environments variables",
        "definitions", "definitions create", "definitions update", "definitions delete",
        "certificates", "certificates create",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_has_help_with_its_options_and_examples(string command)
    {
        var outcome = await ConsoleAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("--gateway <HOST:PORT>", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("-o, --output <table|json>", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("\nExamples:\n", outcome.Out, StringComparison.Ordinal);
        Assert.Contains($"\n  orleansbatch {command}".TrimEnd(), outcome.Out[outcome.Out.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_s_help_lists_the_exit_codes()
    {
        var help = (await ConsoleAsync("--help")).Out;

        Assert.All([0, 1, 2, 3, 4, 5, 124, 125, 126, 130], code => Assert.Matches($@"\n +{code} +\w", help));
    }

    [Theory]
    [InlineData("jobs")]
    [InlineData("queues")]
    [InlineData("environments")]
    [InlineData("definitions")]
    [InlineData("describe x")]
    [InlineData("logs x")]
    [InlineData("cancel x")]
    [InlineData("terminate x")]
    [InlineData("wait x")]
    [InlineData("submit -- true")]
    [InlineData("run -- true", 125)]
    public async Task A_scheduler_that_is_not_there_ends_every_command_in_three_lines(string command, int code = 3)
    {
        var surroundings = new Surroundings();
        var words = command.Split(' ');
        var exitCode = await ConsoleProgram.RunAsync([words[0], .. WayToNowhere, .. words[1..]], surroundings.Terminal);

        var outcome = new Outcome(exitCode, surroundings.Out, surroundings.Error);
        AssertFailed(outcome, code, outcome.ErrorLines[0], "cannot be reached", "Start the scheduler");
        Assert.StartsWith("Could not ", outcome.ErrorLines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "nothing")]
    [InlineData("jobs --nothing", "--nothing")]
    [InlineData("jobs -o yaml", "yaml")]
    [InlineData("jobs --limit many", "many")]
    [InlineData("logs", "logs")]
    [InlineData("queues delete", "delete")]
    public async Task A_command_line_that_cannot_be_understood_ends_in_three_lines(string command, string named)
    {
        var outcome = await ConsoleAsync(command.Split(' '));

        AssertFailed(outcome, 2, "Could not understand the command line.", "", "--help");
        Assert.Contains(named, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_ways_at_once_and_ways_that_are_none_are_refused()
    {
        foreach (var way in new string[][] { ["--endpoint", "http://h", "--gateway", "h:1"], ["--endpoint", "nonsense"], ["--gateway", "h:nonsense"] })
        {
            var surroundings = new Surroundings();

            Assert.Equal(2, await ConsoleProgram.RunAsync(["queues", .. way], surroundings.Terminal));
            Assert.Equal(3, surroundings.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }
    }

    [Fact]
    public async Task The_environment_names_the_way_and_the_region()
    {
        var there = new Surroundings(environment: new(WayByEnvironment));
        var elsewhere = new Surroundings(environment: new(WayByEnvironment) { ["AWS_REGION"] = "eu-west-1" });

        Assert.Equal(0, await ConsoleProgram.RunAsync(["queues", "default"], there.Terminal));
        Assert.Equal(4, await ConsoleProgram.RunAsync(["queues", "default"], elsewhere.Terminal));
        Assert.Equal(4, (await ConsoleAsync("queues", "default", "--region", "eu-west-1")).ExitCode);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("1", false)]
    public async Task Colours_are_for_terminals_that_want_them(string? noColor, bool isColoured)
    {
        var terminal = new Surroundings(isTerminal: true, environment: noColor is null ? [] : new() { ["NO_COLOR"] = noColor });

        var onTerminal = await ConsoleAsync(terminal, ["queues", "default"]);
        var onPipe = await ConsoleAsync("queues", "default");

        Assert.Equal(isColoured, onTerminal.Out.Contains("\u001b[32m", StringComparison.Ordinal));
        Assert.DoesNotContain("\u001b[", onPipe.Out, StringComparison.Ordinal);
    }
}
