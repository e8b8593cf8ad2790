using OrleansBatch.Agent.Program;

return await AgentCommand.RunAsync(args);
